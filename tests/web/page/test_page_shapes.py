"""Hints as strokes and areas: drawn by mouse, finger and keyboard, undone, kept in projects."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")

#: spots of shapes drawn in a photo of 512 x 512, without a server
SPOTS = """async () => {
  const { areaOf, flatten, gather, strokeOf } = await import("./static/js/shapes.js");
  const bow = [[60, 60], [260, 60], [260, 90], [90, 90], [90, 260], [60, 260]].map(([x, y]) => ({ x, y }));
  const shapes = [areaOf(bow, 512), strokeOf([{ x: 300, y: 300 }, { x: 420, y: 300 }, { x: 420, y: 420 }], 15)];
  const point = { x: 500, y: 20, radius: 15 };
  const hints = [...shapes, point].map((hint) => ({ ...hint, color: "#2f5fd0" }));
  const spots = flatten(hints);
  return { spots, counts: shapes.map((each) => each.more.length + 1), same: flatten(gather(spots, 512)).length,
    kinds: gather(spots, 512).map(({ more }) => more?.length ?? 0),
    none: areaOf([{ x: 9, y: 9 }, { x: 9, y: 9 }], 512) };
}"""


def drag(page: Any, places: list[tuple[float, float]]) -> None:
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def give_color(page: Any, color: str) -> None:
    page.locator("#editor-hex").fill(color)
    page.locator("#editor-hex").press("Enter")


def test_spots_fill_a_shape_and_find_together_again(sit: Callable[..., Any]) -> None:
    found = sit().page.evaluate(SPOTS)
    area, stroke = found["counts"]
    spots = found["spots"]
    for spot in spots[:area]:
        # an angle of two bars, 30 pixels wide; no spot reaches beyond it by more than a cell
        x, y, radius = spot["x"], spot["y"], spot["radius"] - 512 / 96
        in_bars = [(60, 60, 260, 90), (60, 60, 90, 260)]
        assert any(a + radius <= x <= c - radius and b + radius <= y <= d - radius for a, b, c, d in in_bars) or (
            x < 95 and y < 95
        )
    filled = [
        any(np.hypot(x - spot["x"], y - spot["y"]) <= spot["radius"] for spot in spots[:area])
        for x, y in [(75, 75), (250, 75), (75, 250), (150, 75), (75, 150)]
    ]
    assert all(filled)
    ends = [(300, 300), (420, 300), (420, 420)]
    assert all(min(np.hypot(x - s["x"], y - s["y"]) for s in spots[area : area + stroke]) <= 15 for x, y in ends)
    # from spots alone, as a project file has them, the same shapes
    assert found["kinds"] == [area - 1, stroke - 1, 0]
    assert found["same"] == len(spots)
    assert found["none"] is None


def test_a_stroke_and_an_area_by_mouse(
    sit: Callable[..., Any], change: Callable[..., float], photo: Path, tmp_path: Path
) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    before = desk.pixels()
    page.get_by_role("button", name="Hint", exact=True).click()
    page.get_by_role("button", name="Stroke", exact=True).click()
    drag(page, [desk.place(0.1, 0.9), desk.place(0.45, 0.9), desk.place(0.45, 0.75)])
    page.locator("#editor .swatch").nth(1).wait_for()
    assert np.array_equal(desk.pixels(), before)
    give_color(page, "#2f5fd0")
    desk.settle()
    after = desk.pixels()
    # all along, not at its middle alone
    for x, y in ((64, 460), (150, 460), (230, 400)):
        assert change(before, after, x, y) > 8
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Area", exact=True).click()
    corners = [(0.7, 0.05), (0.95, 0.05), (0.95, 0.3), (0.7, 0.3), (0.7, 0.06)]
    drag(page, [desk.place(*corner) for corner in corners])
    give_color(page, "#b03030")
    desk.settle()
    assert not page.get_by_label("Reach").is_visible()
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Hint 1, a stroke: blue", exact=True).wait_for()
    page.get_by_role("button", name="Hint 2, an area: red", exact=True).wait_for()
    assert page.locator(".pin").count() == 2
    red = desk.pixels()[30:140, 370:480].mean(axis=(0, 1))
    assert red[0] > red[2] + 10
    # its pin moves all of it, as one step
    (_, area) = desk.hints()
    box = page.locator(".pin").nth(1).bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    drag(page, [middle, (middle[0] - 60, middle[1] + 40)])
    desk.settle()
    shifted = desk.hints()[1]
    by = shifted["x"] - area["x"]
    assert by < -30
    assert [spot["x"] - by for spot in shifted["more"]] == pytest.approx([spot["x"] for spot in area["more"]], abs=0.2)
    two = desk.hints()
    page.get_by_role("button", name="More ways to save").click()
    desk.save(lambda: page.get_by_role("button", name="Save project").click(), tmp_path / "collins.json")
    for left in (2, 1, 0):
        page.get_by_role("button", name="Undo").click()
        assert len(desk.hints()) == left
    desk.settle()
    assert np.array_equal(desk.pixels(), before)
    page.locator("#project-file").set_input_files(str(tmp_path / "collins.json"))
    page.get_by_role("button", name="Hint 2, an area: red", exact=True).wait_for()
    again = desk.hints()
    assert [len(hint["more"]) for hint in again] == [len(hint["more"]) for hint in two]


def test_a_stroke_by_finger_and_an_area_by_keyboard(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit(phone=True)
    page = desk.page
    desk.choose(photo)
    page.get_by_role("button", name="Hint", exact=True).tap()
    page.get_by_role("button", name="Stroke", exact=True).tap()
    fingers = desk.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    # a second finger makes it a zoom
    touch("touchStart", desk.place(0.3, 0.5))
    touch("touchMove", desk.place(0.35, 0.5))
    touch("touchMove", desk.place(0.4, 0.5))
    assert page.locator("#shapes-drawn polyline").count() == 2
    touch("touchStart", desk.place(0.4, 0.5), desk.place(0.7, 0.5))
    assert page.locator("#shapes-drawn polyline").count() == 0
    touch("touchEnd")
    assert page.locator(".pin").count() == 0
    touch("touchStart", desk.place(0.3, 0.8))
    for step in range(1, 6):
        touch("touchMove", desk.place(0.3 + 0.08 * step, 0.8))
    touch("touchEnd")
    page.locator("#editor").wait_for()
    give_color(page, "#2f5fd0")
    desk.settle()
    (stroke,) = desk.hints()
    across = [stroke["x"], *(spot["x"] for spot in stroke["more"])]
    assert max(across) - min(across) == pytest.approx(0.4 * 512, abs=20)
    page.get_by_role("button", name="Done").tap()

    page.get_by_role("button", name="Area", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("[data-tab=hints]").tap()
    page.get_by_role("button", name="Add a hint").press("Enter")
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowUp"):
        for _ in range(4):
            page.keyboard.press(f"Shift+{key}")
    page.keyboard.press("Enter")
    page.locator("#editor").wait_for()
    give_color(page, "#b03030")
    desk.settle()
    (_, area) = desk.hints()
    assert area["x"] > 256 > area["y"]
    assert area["more"]
    page.keyboard.press("Escape")
    # given up half way, it leaves nothing
    page.get_by_role("button", name="Add a hint").press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+ArrowLeft")
    assert page.locator("#shapes-drawn polygon").count() == 2
    page.keyboard.press("Escape")
    assert page.locator("#shapes-drawn polygon").count() == 0
    assert len(desk.hints()) == 2
