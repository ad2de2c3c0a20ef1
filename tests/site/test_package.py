"""The npm package, as others get it: packed, installed into an app of its own, and its three examples run there."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.registry import find_model

ROOT = Path(__file__).parents[2]
CORE = ROOT / "packages" / "core"
MODULES = ROOT / "node_modules"
#: what the app has besides the package, from this checkout, so that nothing is loaded
BESIDES = ("fast-png", "fflate", "onnxruntime-web", "react", "react-dom", "sharp")
#: an app that is written in TypeScript
TYPED = """
import { Colorizer, PhotochromError, type ColorizeOptions, type Suggestion } from "@photochrom/core";
import { openColorizer } from "@photochrom/core/node";
const options: ColorizeOptions = { vividness: 1, hints: [{ x: 1, y: 2, color: "#884422" }] };
export async function main(file: Blob): Promise<Suggestion[]> {
  const colorizer: Colorizer = await openColorizer({ network: "a.onnx", threads: 1 });
  // @ts-expect-error a strength is a number
  await colorizer.colorize(file, { strength: "much" });
  const blob: Blob = await (await colorizer.colorize(file, options)).toBlob("JPEG");
  if (!blob.size) throw new PhotochromError("photo.damaged");
  return colorizer.suggest(file, 1, 2);
}
"""


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packed package installed, the examples, the network and a gray photo."""
    if not (CORE / "dist" / "photochrom.js").is_file() or not MODULES.is_dir() or shutil.which("npm") is None:
        pytest.skip("the package for browsers is not built: run  make page  (needs Node 20)")
    folder = tmp_path_factory.mktemp("app")
    run(["npm", "pack", "--ignore-scripts", "--pack-destination", str(folder)], CORE)
    (tarball,) = folder.glob("*.tgz")
    local = {name: f"file:{MODULES / name}" for name in BESIDES}
    described = {
        "private": True,
        "type": "module",
        "dependencies": {"@photochrom/core": f"file:{tarball}"} | local,
        "overrides": {name: f"${name}" for name in BESIDES},
    }
    (folder / "package.json").write_text(json.dumps(described))
    run(["npm", "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"], folder)
    installed = folder / "node_modules" / "@photochrom" / "core"
    assert not installed.is_symlink(), "a copy of what was packed"
    for name in ("script", "react", "node"):
        shutil.copytree(installed / "examples" / name, folder / name)
    shutil.copy(find_model().path, folder / "photochrom_fast.onnx")
    y, x = np.mgrid[0:120, 0:160]
    hill = np.where(y > 60 + 9 * np.sin(x / 30), 70 + 20 * np.sin(x / 3), 205 - y)
    Image.fromarray(hill.astype(np.uint8)).save(folder / "gray.jpg", quality=92)
    return folder


def chroma(picture: Any) -> float:
    return float(np.ptp(np.asarray(picture.convert("RGB")).astype(int), axis=-1).mean())


def test_the_tarball_has_what_is_used_and_nothing_else(app: Path) -> None:
    with tarfile.open(next(app.glob("*.tgz"))) as archive:
        names = [name.removeprefix("package/") for name in archive.getnames()]
    assert {"package.json", "README.md", "dist/index.js", "dist/index.d.ts", "dist/node.js", "dist/photochrom.js"} <= {
        *names
    }
    assert {name.split("/")[0] for name in names} == {"package.json", "README.md", "dist", "examples"}


def test_the_readme_shows_the_examples_as_they_are() -> None:
    readme = (CORE / "README.md").read_text()
    for name in ("script/index.html", "react/Colored.jsx", "node/colorize.mjs"):
        assert (CORE / "examples" / name).read_text().strip() in readme, name


def test_an_app_in_typescript_has_types(app: Path) -> None:
    (app / "typed.ts").write_text(TYPED)
    options = ["--strict", "--noEmit", "--skipLibCheck", "--target", "es2022", "--lib", "es2023,dom", "--types", "node"]
    modules = ["--module", "nodenext", "--moduleResolution", "nodenext", "--typeRoots", str(MODULES / "@types")]
    run([str(MODULES / ".bin" / "tsc"), *options, *modules, "typed.ts"], app)


def test_the_node_script_colours_a_file(app: Path) -> None:
    run(["node", "node/colorize.mjs", "gray.jpg", "node.jpg"], app)
    with Image.open(app / "node.jpg") as picture:
        assert picture.format == "JPEG"
        assert picture.size == (160, 120)
        assert chroma(picture) > 5


def test_the_plain_page_colours_a_photo(app: Path, serve: Any, browser: Any) -> None:
    page = app / "script"
    for made in (MODULES / "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm", CORE / "dist/photochrom.js"):
        shutil.copy(made, page)
    shutil.copy(app / "photochrom_fast.onnx", page)
    assert shown_chroma(browser, serve(page), app / "gray.jpg") > 5


def test_the_react_app_colours_a_photo(app: Path, serve: Any, browser: Any) -> None:
    shutil.copytree(app / "react", app / "react-app", dirs_exist_ok=True)
    (app / "react-app" / "public").mkdir()
    shutil.copy(app / "photochrom_fast.onnx", app / "react-app" / "public")
    run(["node", str(MODULES / "vite" / "bin" / "vite.js"), "build"], app / "react-app")
    assert shown_chroma(browser, serve(app / "react-app" / "dist"), app / "gray.jpg") > 5


def shown_chroma(browser: Any, address: str, photo: Path) -> float:
    page = browser.new_page()
    page.set_default_timeout(180_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    page.locator("input[type=file]").set_input_files(str(photo))
    try:
        page.wait_for_function("() => document.querySelector('img')?.naturalWidth > 0")
        png = page.locator("img").screenshot()
    finally:
        page.close()
    assert problems == []
    (photo.parent / "shown.png").write_bytes(png)
    with Image.open(photo.parent / "shown.png") as picture:
        return chroma(picture)
