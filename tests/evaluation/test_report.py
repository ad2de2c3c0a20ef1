"""The report's files: figures that come through, hostile names that stay names, nothing from elsewhere, and charts."""

import base64
import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.errors import ResultsError
from photochrom.evaluation.fairness.gap import Gap
from photochrom.evaluation.fairness.results import FaceGroup, FaceGrouping, FaceReport, FaceScores, GroupScores
from photochrom.evaluation.report import make_leaderboard, write_leaderboard, write_report
from photochrom.evaluation.report.markdown import escape
from photochrom.evaluation.report.svg_charts import Axis, Point, Series, draw_dots, draw_lines, draw_ridges, ticks
from photochrom.evaluation.results.io import from_json, to_json
from photochrom.evaluation.results.schema import (
    Calibration,
    CalibrationBin,
    Comparison,
    Cost,
    DataSet,
    Entry,
    Evaluation,
    Example,
    HintPoint,
    HueSector,
    Interval,
    LeftOut,
    Machine,
    MetricInfo,
    Photo,
    ProtocolInfo,
    Row,
    Skipped,
    Subject,
)

pytest.importorskip("jinja2", reason="a report needs the evaluate extra")

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>|`*_\n</style>{{ 7*7 }}'
METRICS = (
    MetricInfo("psnr", "PSNR", "dB", "higher", "photo", 0.0, 2, "over sRGB"),
    MetricInfo("ciede2000", "CIEDE2000", "", "lower", "photo", 0.0, 2, "Sharma 2005"),
    MetricInfo("auc_rebalanced", "AuC rebalanced", "", "higher", "set", 1.0, 2, "Zhang 2016"),
    MetricInfo("colorfulness", "colourfulness", "", "truth", "photo", 1.0, 1, "Hasler 2003"),
    MetricInfo("colorfulness_truth", "of the truth", "", "truth", "photo", 1.0, 1, "Hasler 2003"),
)
PHOTOS = 12


def entry(model: str, vividness: float | None, psnr: float, kind: Any = "network", key: str | None = None) -> Entry:
    key = key or (model if vividness is None else f"{model}-v{vividness:g}")
    made = {"truth": 40.0, "gray": 0.0}.get(kind, 20.0 + 10 * (vividness or 0))
    chance = np.random.default_rng(0)
    rows = tuple(
        Row(
            f"p{i}",
            {
                "psnr": psnr + float(chance.normal()) if np.isfinite(psnr) else psnr,
                "ciede2000": 100 / min(psnr, 1e6),
                "colorfulness": made + i / 10,
                "colorfulness_truth": 40.0 + i / 10,
            },
            0.1,
        )
        for i in range(PHOTOS)
    )
    scores = {
        "psnr": Interval(psnr, psnr - 1, psnr + 1) if np.isfinite(psnr) else Interval(psnr),
        "ciede2000": Interval(100 / min(psnr, 1e6), 3.0, 5.0),
        "auc_rebalanced": Interval(50 + made / 10),
        "colorfulness": Interval(made, made - 2, made + 2),
        "colorfulness_truth": Interval(40.0, 38.0, 42.0),
    }
    network = kind == "network"
    counts = (0, 10, 100) if network and not vividness else ()
    return Entry(
        key=key,
        model=model,
        kind=kind,
        vividness=vividness,
        sha256="ab" * 32 if network else None,
        version="1" if network else None,
        license="Apache-2.0" if network else None,
        parameters=5_700_000 if network else None,
        bytes=11_600_000 if network else None,
        photos=PHOTOS,
        left_out=(LeftOut("p99", "missing prediction", f"no prediction for {HOSTILE}"),)
        if kind == "predictions"
        else (),
        scores=scores,
        rows=rows,
        by_hue=tuple(hue(i) for i in range(12)),
        by_subject=(Subject(HOSTILE, 7, scores), Subject("food", 5, scores)),
        hints=tuple(HintPoint(n, PHOTOS, Interval(psnr + n / 20, psnr, psnr + 9)) for n in counts),
        calibration=calibration() if counts else None,
        examples=tuple(
            Example(f"p{i}", why, f"examples/{i}-truth.webp", f"examples/{i}-gray.webp", f"examples/{i}-{i % 2}.webp")
            for i, why in enumerate(("random", "random", "best", "worst"))
        )
        if kind in ("network", "predictions")
        else (),
        cost=Cost(0.12, 200_000_000, 1, "cpu", 5) if network else None,
    )


def hue(number: int) -> HueSector:
    error = 9.0 + number if number else None
    return HueSector(f"hue {number}", number * 30 - 15, number * 30 + 15, 9 * number, error, 8.0, 20.0)


def calibration() -> Calibration:
    bins = (CalibrationBin(None, None, 0), *(CalibrationBin(i / 10 + 0.05, i / 11, 9) for i in range(1, 10)))
    return Calibration(15.0, 0.7, 0.65, 0.05, bins, (20.0, 15.0, 12.0, 9.0, 6.0))


def faces() -> FaceReport:
    some = GroupScores(HOSTILE, Interval(9.0, 8.0, 10.0), Interval(-1.0, -2.0, 0.0), None)
    empty = GroupScores("nobody", None, None, None)
    groups = (FaceGroup(HOSTILE, 30, 2, 0.9, 31.0, 25.0), FaceGroup("nobody", 0, 3, 0.1, None, None))
    gap = Gap(HOSTILE, "nobody", Interval(1.2, 1.1, 1.3), 1.15, 0.004)
    systems = tuple(
        FaceScores(key, label, some, {"group": (some, empty)}, {"group": gap})
        for key, label in (("gray", "left gray"), ("net-v0", "net, vividness 0"))
    )
    return FaceReport(
        "faces.parquet", 33, 30, ("row 5 is damaged",), "the rule", (FaceGrouping("group", groups),), systems
    )


def evaluation(*entries: Entry, **changes: Any) -> Evaluation:
    compared = Comparison("net-v0", "predictions-1", "psnr", 12, Interval(-1.0, -1.5, -0.5), 0.0001, "paired")
    bad = LeftOut(HOSTILE, "unreadable", f"{HOSTILE} is bad")
    photos = tuple(Photo(f"p{i}", HOSTILE, "food", 256, 256) for i in range(PHOTOS))
    found = Evaluation(
        format=1,
        photochrom="1.2.3",
        protocol=ProtocolInfo("lab256", 1, "short side 256"),
        data=DataSet(f"sets/{HOSTILE.replace('/', '_')}", "f" * 64, 14, photos, (bad,)),
        seed=0,
        machine=Machine("Linux x86_64", 2, "3.11", "1.20"),
        metrics=METRICS,
        entries=entries
        or (
            entry("gray", None, 20.0, "gray"),
            entry("net", 0.0, 24.0),
            entry("net", 1.0, 23.0),
            entry(HOSTILE, None, 25.0, "predictions", "predictions-1"),
            entry("truth", None, float("inf"), "truth"),
        ),
        comparisons=(compared,),
        skipped=(Skipped("LPIPS", "no network was given"),),
        faces=None,
    )  # fmt: skip
    return replace(found, **changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "examples").mkdir()
    for i in range(4):
        for name in ("truth", "gray", "0", "1"):
            image = Image.effect_mandelbrot((640, 480), (-2 + i / 9, -1, 1, 1), 30).convert("RGB")
            image.save(tmp_path / "examples" / f"{i}-{name}.webp")
    return tmp_path


class Page(HTMLParser):
    """What tags a page really has, and what they point at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.targets: list[str] = []
        self.handlers: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name in ("src", "href", "srcset", "action", "data", "poster"):
                self.targets.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_has_everything_inside(folder: Path) -> None:
    write_report(evaluation(faces=asdict(faces())), folder)
    text = (folder / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.tags["script"] == 1
    assert page.handlers == []
    assert all(target.startswith(("data:", "#")) for target in page.targets)
    assert "url(" not in text
    assert "@import" not in text
    # two random photos of three entries, gray and truth; best and worst of two systems
    assert page.tags["img"] == 2 * 5 + 2 * 2 * 3
    # every link leads somewhere
    assert all(f'id="{target[1:]}"' in text for target in page.targets if target.startswith("#"))
    # what could run stands as words
    assert "{{ 7*7 }}" in "".join(page.words)
    assert "alert(1)" in "".join(page.words)
    policy = re.search(r"script-src '(sha256-[^']+)'", text)
    assert policy is not None
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)
    assert script is not None
    assert policy.group(1) == "sha256-" + base64.b64encode(hashlib.sha256(script.group(1).encode()).digest()).decode()
    # pictures of moderate size
    for picture in re.findall(r'src="data:image/webp;base64,([^"]+)"', text):
        with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
            assert max(image.size) == 384


def test_figures_come_through(folder: Path) -> None:
    found = evaluation(faces=asdict(faces()))
    write_report(found, folder)
    words = " ".join(" ".join(Page((folder / "report.html").read_text(encoding="utf-8")).words).split())
    # PSNR at vividness 0, colourfulness at 1 and its share of the truth, the truth's infinity, a minus that is one
    for figure in ("24.00 23.00 to 25.00", "30.0 28.0 to 32.0 75 % of the truth", "∞", "−1.00 (−1.50 to −0.50)"):
        assert figure in words
    assert "< 0.0002" in words
    for section in ("Scores", "Look", "Spread over the photos", "Where it errs", "Hints and confidence", "Faces"):
        assert section in words
    assert "Time and memory" in words
    assert "What these figures cannot tell" in words
    assert "protocol lab256, version 1" in words
    assert "LPIPS no network was given" in words
    markdown = (folder / "report.md").read_text(encoding="utf-8")
    assert "| net | 24.00 ±1.00 |" in markdown
    assert "1.20 (1.10 to 1.30); by chance it would be up to 1.15" in markdown
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["entry"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["gray", "net-v0", "net-v1", "predictions-1", "truth"]
    assert float(rows["net-v0"]["psnr"]) == 24.0
    assert float(rows["net-v0"]["psnr_low"]) == 23.0
    assert rows["truth"]["psnr"] == "inf"
    assert rows["truth"]["psnr_low"] == rows["gray"]["parameters"] == ""
    assert rows["predictions-1"]["left_out"] == "1"


def test_the_same_results_give_the_same_files(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = evaluation(faces=asdict(faces()))
    write_report(found, folder)
    names = ("report.html", "report.md", "scores.csv", "leaderboard.md")
    first = {name: (folder / name).read_bytes() for name in names}
    write_report(from_json(to_json(found)), folder)
    assert {name: (folder / name).read_bytes() for name in names} == first


def test_tables_of_markdown_hold(folder: Path) -> None:
    write_report(evaluation(faces=asdict(faces())), folder)
    for name in ("report.md", "leaderboard.md"):
        text = (folder / name).read_text(encoding="utf-8")
        assert "<script" not in text.replace("\\<script", "")
        for block in text.strip().split("\n\n"):
            lines = block.split("\n")
            if lines[0].startswith("|"):
                assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


@given(st.text())
def test_escaped_text_is_one_line_of_words(text: str) -> None:
    made = escape(text)
    assert "\n" not in made
    assert not re.search(r"(?<!\\)(\\\\)*[|<`*]", made)


def test_a_small_evaluation_has_a_page_too(tmp_path: Path) -> None:
    gray = replace(entry("gray", None, 20.0, "gray"), by_hue=(), by_subject=(), rows=())
    write_report(evaluation(gray, metrics=METRICS[:1], comparisons=(), skipped=()), tmp_path)
    words = " ".join(Page((tmp_path / "report.html").read_text(encoding="utf-8")).words)
    assert "20.00" in words
    for section in ("Spread over", "Faces", "Time and memory", "Where it errs"):
        assert section not in words


@pytest.mark.parametrize(
    "spoil", [lambda p: p.unlink(), lambda p: p.write_bytes(b"RIFF\0\0"), lambda p: p.write_bytes(b"")]
)
def test_a_missing_picture_is_named_and_nothing_written(folder: Path, spoil: Callable[[Path], Any]) -> None:
    spoil(folder / "examples" / "2-truth.webp")
    with pytest.raises(ResultsError) as caught:
        write_report(evaluation(), folder)
    assert caught.value.code == "results.image_unreadable"
    assert "2-truth" in str(caught.value)
    assert [path.name for path in folder.iterdir()] == ["examples"]


def test_no_picture_from_outside_the_report(folder: Path) -> None:
    place = "../examples/0-truth.webp"
    bad = replace(entry("net", 0.0, 24.0), examples=(Example("p0", "random", place, place, place),))
    (folder / "report").mkdir()
    with pytest.raises(ResultsError, check=lambda error: error.code == "results.image_outside"):
        write_report(evaluation(bad), folder / "report")


def test_a_leaderboard_ranks_and_never_mixes(tmp_path: Path) -> None:
    gray, truth = entry("gray", None, 20.0, "gray"), entry("truth", None, float("inf"), "truth")
    first = evaluation(gray, entry("old", None, 19.0), entry("net", 0.0, 24.0), truth)
    second = evaluation(gray, entry("better", None, 26.0), entry("old", None, 21.0), truth)
    elsewhere = replace(second, data=replace(second.data, fingerprint="e" * 64))
    text = make_leaderboard([first, second])
    # the later figure of "old" counts, and the truth is last
    assert re.findall(r"^\| (\w+) \| (\S+)", text, re.MULTILINE) == [
        ("better", "**26.00**"), ("net", "24.00"), ("old", "21.00"), ("gray", "20.00"), ("truth", "∞"),
    ]  # fmt: skip
    assert text.count("protocol `lab256`") == 1
    assert make_leaderboard([first, elsewhere]).count("protocol `lab256`") == 2
    paths = []
    for number, found in enumerate((first, second)):
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(to_json(found), encoding="utf-8")
    write_leaderboard(paths, tmp_path / "leaderboard.md")
    assert (tmp_path / "leaderboard.md").read_text(encoding="utf-8") == text


def numbers(low: float = -1e4, high: float = 1e4) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False).map(lambda v: round(v, 3))


@settings(max_examples=60, deadline=None)
@given(values=st.lists(numbers(), min_size=1, max_size=20), label=st.text(max_size=60))
def test_charts_are_sound_and_stay_inside(values: list[float], label: str) -> None:
    label = "".join(char for char in label if char.isprintable() or char in "<>&\"'")
    axis, rows = Axis.of(label, values), [label or "-"] * len(values)
    points = tuple(Point(float(i), v, v - 0.0, v + 0.0) for i, v in enumerate(values))
    series = [Series(label, "s0", points)]
    places = Axis("x", 0, max(1, len(values) - 1), ((0.0, "0"),))
    for chart in (
        draw_lines(label, places, axis, series),
        draw_ridges(label, axis, series),
        draw_dots(label, axis, rows, series),
    ):
        root = ElementTree.fromstring(str(chart))
        width, height = map(float, root.attrib["viewBox"].split()[2:])
        for node in root.iter():
            for name, value in node.attrib.items():
                if name in ("cx", "x1", "x2"):
                    assert -1 <= float(value) <= width + 1
                if name in ("cy", "y1", "y2"):
                    assert -1 <= float(value) <= height + 1
            if node.tag == "path":
                assert "nan" not in node.attrib["d"]


@given(low=numbers(), span=st.floats(1e-3, 1e4))
def test_ticks_are_few_round_and_inside(low: float, span: float) -> None:
    marks = ticks(low, low + span)
    assert 2 <= len(marks) <= 7
    assert all(low - 1e-6 * span <= mark <= low + span * (1 + 1e-6) for mark in marks)
    steps = np.diff(marks)
    assert np.allclose(steps, steps[0])
