"""For everybody: axe finds nothing in any state, and every word is there in every language."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from photochrom.messages.service import MESSAGES

pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")

#: for programs, which name what is wrong as no fixed text could, and for whoever sets the service up
IN_ENGLISH = {
    *("invalid_request", "unknown_field", "unknown_content_type", "refused", "unknown_address", "method_not_allowed"),
    *("file_missing", "reference_not_stored", "invalid_limit", "unknown_limit", "storage_unusable", "queue_unusable"),
    *("queue_unsupported", "invalid_key", "key_reused", "half_signer", "key_name", "keys_unreadable"),
    *("webhook_address", "webhook_host", "webhook_setting"),
}

STATIC = Path(__file__).parents[3] / "src" / "photochrom" / "web" / "static"
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


EVERY = [(width, theme, "none") for width in (1440, 1024, 768, 390) for theme in ("light", "dark")]
EVERY += [(1440, "dark", "active"), (390, "light", "active")]
TWO = [(1440, "dark", "none"), (390, "light", "none")]


def faults(page: Any, looks: list[tuple[int, str, str]]) -> list[str]:
    """What axe finds at these widths, in these themes, and with the reader's own colours where they are forced."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="this needs axe_playwright_python").Axe()
    found = []
    for width, theme, forced in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce", forced_colors=forced)
        for fault in axe.run(page, options=RULES).response["violations"]:
            found += [
                f"{fault['id']} ({width}, {theme}, forced {forced}): {node['html'][:160]}" for node in fault["nodes"]
            ]
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(forced_colors="none")
    return found


def test_axe_finds_nothing_in_any_state(sit: Callable[..., Any], photo: Path, tmp_path: Path) -> None:
    desk = sit()
    page = desk.page
    page.get_by_text("are deleted 1 hour after").wait_for()
    assert faults(page, TWO) == []
    desk.choose(photo)
    page.get_by_role("button", name="Variation 4").wait_for()
    page.get_by_role("button", name="Show how sure the network is").click()
    page.get_by_label("Add a colour").fill("#2e5d3a")
    page.get_by_role("button", name="Hint", exact=True).click()
    page.mouse.click(*desk.place(0.3, 0.8))
    page.locator("#editor .swatch").nth(2).click()
    desk.settle()
    assert faults(page, EVERY) == []
    page.keyboard.press("Escape")
    (tmp_path / "notes.jpg").write_text("not a photo")
    page.locator("#files").set_input_files(str(tmp_path / "notes.jpg"))
    page.get_by_role("alert").wait_for()
    page.get_by_role("button", name="Menu").click()
    assert faults(page, TWO) == []
    page.get_by_role("button", name="Help and keyboard").click()
    page.get_by_role("dialog", name="Help").wait_for()
    assert faults(page, TWO) == []
    page.keyboard.press("Escape")
    desk.complaints.clear()  # the browser's own note that notes.jpg was refused


def test_every_word_is_there_in_every_language(sit: Callable[..., Any]) -> None:
    page = sit().page
    codes = page.evaluate("async () => Object.keys(await (await fetch('static/texts/languages.json')).json())")
    assert codes == ["en", "de", "es"]
    texts = page.evaluate(
        """async (codes) => Object.fromEntries(await Promise.all(
          codes.map(async (code) => [code, (await import(`./static/texts/${code}.js`)).default])))""",
        codes,
    )
    for code in codes:
        assert set(texts["en"]) == set(texts[code]), code
        for key, english in texts["en"].items():
            other = texts[code][key]
            assert type(english) is type(other), key
            plain = isinstance(english, str)
            forms = [(english, other)] if plain else list(zip(english.values(), other.values(), strict=True))
            for one, two in forms:
                assert set(re.findall(r"\{\w+\}", one)) == set(re.findall(r"\{\w+\}", two)), (code, key)
    code = "\n".join(path.read_text(encoding="utf-8") for path in [*STATIC.glob("js/*.js"), STATIC / "index.html"])
    written = set(re.findall(r"[\"'`]([a-z]+(?:\.[a-z]+)+)[\"'`]", code)) & {k for k in texts["en"] if "." in k}
    built = {stem for stem in re.findall(r"`([a-z.]+\.)\$\{", code) if any(k.startswith(stem) for k in texts["en"])}
    unused = [k for k in texts["en"] if "." in k and k not in written and not any(k.startswith(s) for s in built)]
    assert unused == []
    asked = set(re.findall(r"\btext\(\"([^\"]+)\"", code))
    asked |= set(re.findall(r"data-(?:text|label|label-only|title|alt)=\"([^\"]+)\"", code))
    assert asked - set(texts["en"]) == set()


def test_the_language_follows_the_browser_and_can_be_changed(sit: Callable[..., Any]) -> None:
    page = sit(locale="de-AT").page
    page.get_by_role("heading", name="Alten Fotos ihre Farben geben").wait_for()
    assert page.evaluate("document.documentElement.lang") == "de"
    page.get_by_role("button", name="Menü").click()
    page.get_by_label("Sprache").select_option("en")
    page.get_by_role("heading", name="Give an old photo its colours").wait_for()
    page.get_by_label("Appearance").select_option("dark")
    page.reload()
    page.get_by_role("heading", name="Give an old photo its colours").wait_for()
    theme = "getComputedStyle(document.documentElement).colorScheme"
    assert page.evaluate(f"[document.documentElement.lang, {theme}]") == ["en", "dark"]


def test_refusals_are_told_in_the_readers_language(sit: Callable[..., Any], tmp_path: Path) -> None:
    broken = tmp_path / "kaputt.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 not much of a photo")
    told = {}
    for locale in ("de-DE", "en-GB"):
        desk = sit(locale=locale)
        desk.page.locator("#files").set_input_files(str(broken))
        told[locale] = desk.page.get_by_role("alert").inner_text()
        desk.complaints.clear()  # the browser's own note that it was refused
    assert "kaputt.jpg: " in told["de-DE"]
    assert "Foto" in told["de-DE"]
    assert "kaputt.jpg" in told["en-GB"]
    assert "cut" in told["en-GB"] or "photo" in told["en-GB"]


def test_every_refusal_that_a_reader_can_meet_is_translated(sit: Callable[..., Any]) -> None:
    page = sit().page
    for language in ("de", "es"):
        texts = page.evaluate(f"async () => (await import('./static/texts/{language}.js')).refusals")
        translated = {code.removeprefix("service.") for code in texts if code.startswith("service.")}
        assert translated == set(MESSAGES) - IN_ENGLISH, language
        # the library's own are translated by their area, at least
        assert {"photo", "video"} <= set(texts)


def test_a_language_is_a_translators_file_alone(sit: Callable[..., Any]) -> None:
    page = sit(locale="es-MX").page
    page.get_by_role("heading", name="Devuelve el color a una foto antigua").wait_for()
    assert page.evaluate("document.documentElement.lang") == "es"
    named = [path for path in STATIC.rglob("*") if path.suffix in (".js", ".html") and path.stem != "es"]
    assert not [path.name for path in named if re.search(r"['\"]es['\"]|/es\.js", path.read_text(encoding="utf-8"))]


def overlaps(page: Any) -> list[str]:
    """Buttons, inputs and links that lie partly over another or outside the window."""
    found: list[str] = page.evaluate("""() => {
      const seen = [...document.querySelectorAll("header button, .tools button, .tabs button, #choose, #camera")]
        .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width)
        .map((element) => ({ name: element.id || element.textContent, box: element.getBoundingClientRect() }));
      const bad = seen.filter(({ box }) => box.right > innerWidth + 1 || box.left < -1)
        .map(({ name }) => `${name} is outside`);
      for (const [at, one] of seen.entries()) for (const two of seen.slice(at + 1)) {
        const wide = Math.min(one.box.right, two.box.right) - Math.max(one.box.left, two.box.left);
        const high = Math.min(one.box.bottom, two.box.bottom) - Math.max(one.box.top, two.box.top);
        if (wide > 1 && high > 1) bad.push(`${one.name} over ${two.name}`);
      }
      return bad;
    }""")
    return found


def test_nothing_overlaps_at_320_pixels_and_at_twice_the_size(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit(phone=True)
    page = desk.page
    # a window of 1440 at 200 % has 720 pixels of CSS
    for width, height in ((320, 640), (390, 844), (720, 450)):
        page.set_viewport_size({"width": width, "height": height})
        page.reload()
        page.locator("#welcome, #desk").and_(page.locator(":visible")).first.wait_for()
        assert overlaps(page) == []
        if width == 320:
            desk.choose(photo)
        desk.settle()
        for code in page.locator("#language option").evaluate_all("options => options.map(({ value }) => value)"):
            page.get_by_role("button", name=re.compile("^Men")).click()
            page.locator("#language").select_option(code)
            page.keyboard.press("Escape")
            page.wait_for_function("code => document.documentElement.lang === code", arg=code)
            assert overlaps(page) == [], (width, code)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_fingers_have_44_pixels(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit(phone=True)
    page = desk.page
    desk.choose(photo)
    small = page.evaluate("""() => [...document.querySelectorAll("button, input, select, summary")]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width)
      .filter((element) => element.type !== "checkbox" && !element.matches(".hidden, .remove"))
      .map((element) => [element.id || element.textContent, element.getBoundingClientRect()])
      .filter(([, box]) => box.height < 44 || box.width < 44)
      .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)""")
    assert small == []
