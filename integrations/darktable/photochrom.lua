--[[
darktable: colours black-and-white photos and brings the results back, grouped with the photos they were made of.

Export the photos to the storage "photochrom". Each is exported as usual, coloured by the photochrom command, and
imported beside the photo: NAME.color.tif, the photo in colour, and NAME.layer.tif, the colour alone, for editors with
layers and for the module "composite".

For darktable 4.2 or newer (Lua API 9). The command is installed apart from darktable.
]]

local dt = require "darktable"

local SCRIPT = "photochrom"
local TAG = "photochrom"
local FORMATS = { tif = true, jpg = true, png = true }

dt.configuration.check_version(SCRIPT, { 9, 0, 0 })

local is_windows = dt.configuration.running_os == "windows"

-- a word as the shell takes it literally
local function quote(word)
  if is_windows then
    return '"' .. word:gsub('"', '') .. '"'
  end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

-- a name beside the photo that is not taken, without its end
local function choose_name(image)
  local stem = image.path .. "/" .. image.filename:gsub("%.[^.]*$", "")
  local name, number = stem, 1
  while exists(name .. ".color.tif") or exists(name .. ".layer.tif") do
    number = number + 1
    name = stem .. "_" .. number
  end
  return name
end

local function bring_back(path, image, tag)
  local made = dt.database.import(path)
  made:group_with(image.group_leader)
  dt.tags.attach(tag, made)
  return made
end

-- Colours one photo. `exported` is what darktable made of it. Returns the image in colour, or nil and what failed.
local function colorize(image, exported)
  local name = choose_name(image)
  local command = dt.preferences.read(SCRIPT, "command", "string")
  local vividness = dt.preferences.read(SCRIPT, "vividness", "float")
  local words = {
    quote(command), "colorize", quote(exported), "-o", quote(name .. ".color.tif"), "--layer", "tif",
    -- a comma in some languages
    "--vividness", (string.format("%.2f", vividness):gsub(",", ".")), "--quiet",
  }
  local line = table.concat(words, " ")
  if is_windows then
    -- cmd takes the outermost quotes away
    line = '"' .. line .. '"'
  end
  local code = dt.control.execute(line)
  if code ~= 0 or not exists(name .. ".color.tif") then
    return nil, string.format("photochrom could not colour %s (exit status %s)", image.filename, tostring(code))
  end
  local tag = dt.tags.create(TAG)
  local made = bring_back(name .. ".color.tif", image, tag)
  bring_back(name .. ".layer.tif", image, tag)
  return made
end

local function store(storage, image, format, exported, number, total)
  dt.print(string.format("photochrom: %d of %d", number, total))
  local made, problem = colorize(image, exported)
  if not made then
    dt.print(problem)
    dt.print_error(problem)
  end
end

local function is_supported(storage, format)
  return FORMATS[format.extension] == true
end

-- darktable-cli would wait for ever for a window that can show the settings
if dt.configuration.has_gui then
  dt.preferences.register(SCRIPT, "command", "string", "photochrom: the command",
    "photochrom, or where it is installed", "photochrom")
  dt.preferences.register(SCRIPT, "vividness", "float", "photochrom: vividness",
    "0 careful, 1 natural, 2 bold", 1.0, 0.0, 2.0, 0.1)
  dt.register_storage(SCRIPT, "photochrom (in colour)", store, nil, is_supported)
end

return { colorize = colorize }
