"""Whole evaluations of real photos by the real network."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.color.conversion import srgb_to_lab
from photochrom.errors import EvaluationError, ModelError, OptionError, OutputExistsError
from photochrom.evaluation.evaluate import EvaluateOptions, evaluate, save_results
from photochrom.evaluation.hint_sampling import draw_hints
from photochrom.evaluation.inputs.split import SPLITS
from photochrom.evaluation.inputs.systems import plan_systems
from photochrom.evaluation.journal import Journal
from photochrom.evaluation.report import make_leaderboard, write_report
from photochrom.evaluation.results.io import load
from photochrom.evaluation.results.schema import Entry, Evaluation

#: times differ from run to run, numbers must not
TIMELESS: dict[str, Any] = {"cost": None}


def timeless(evaluation: Evaluation) -> Evaluation:
    entries = tuple(
        replace(entry, rows=tuple(replace(row, seconds=None) for row in entry.rows), **TIMELESS)
        for entry in evaluation.entries
    )
    return replace(evaluation, entries=entries)


@pytest.fixture(scope="module")
def report(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Evaluation, Path]:
    out = tmp_path_factory.mktemp("report")
    systems = plan_systems(["photochrom_fast", "truth"], hints=[0, 10, 100])
    evaluation = evaluate(systems, photos, out, options=EvaluateOptions(jobs=2))
    save_results(evaluation, out)
    return evaluation, out


def test_what_is_in_it(report: tuple[Evaluation, Path]) -> None:
    evaluation, out = report
    assert [entry.key for entry in evaluation.entries] == ["gray", "photochrom_fast-v0", "photochrom_fast-v1", "truth"]
    assert (evaluation.data.found, len(evaluation.data.photos), evaluation.data.left_out) == (5, 5, ())
    gray, careful, lively, truth = evaluation.entries
    assert careful.scores["psnr"].mean > gray.scores["psnr"].mean
    assert truth.scores["psnr"].mean == float("inf")
    assert truth.scores["auc_rebalanced"].mean == pytest.approx(100)
    assert lively.scores["colorfulness"].mean > careful.scores["colorfulness"].mean > 5
    assert gray.scores["colorfulness_truth"].mean == pytest.approx(truth.scores["colorfulness"].mean)
    low, high = careful.scores["psnr"].low, careful.scores["psnr"].high
    assert low is not None
    assert high is not None
    assert low < careful.scores["psnr"].mean < high
    assert {metric.key for metric in evaluation.metrics} <= set(careful.scores)
    assert (careful.parameters or 0) > 1_000_000
    assert careful.sha256 == lively.sha256 != gray.sha256
    assert load(out / "results.json") == evaluation


def test_hints_help_and_confidence_is_measured_once(report: tuple[Evaluation, Path]) -> None:
    gray, careful, lively, _ = report[0].entries
    curve = [point.psnr.mean for point in careful.hints]
    assert [point.hints for point in careful.hints] == [0, 10, 100]
    assert curve[0] == pytest.approx(careful.scores["psnr"].mean)
    assert curve == sorted(curve)
    assert curve[2] > curve[0] + 2
    assert gray.hints == lively.hints == ()
    assert careful.calibration is not None
    assert lively.calibration is None
    assert 0 < careful.calibration.expected_error < 0.5
    assert sum(part.pixels for part in careful.calibration.bins) == 5 * 64 * 64


def test_hues_and_subjects_add_up(report: tuple[Evaluation, Path]) -> None:
    careful = report[0].entry("photochrom_fast-v0")
    assert 50_000 < sum(sector.pixels for sector in careful.by_hue) < 5 * 256 * 256
    people, things = (next(s for s in careful.by_subject if s.name == name) for name in ("people", "things"))
    assert (people.photos, things.photos, len(careful.by_subject)) == (2, 2, 3)
    values = [row.values["psnr"] for row in careful.rows if row.photo.startswith("people/")]
    assert people.scores["psnr"].mean == pytest.approx(np.mean(values))


def test_examples_are_pictures(report: tuple[Evaluation, Path]) -> None:
    evaluation, out = report
    example = evaluation.entry("photochrom_fast-v1").examples[0]
    pictures = [
        np.asarray(Image.open(out / path).convert("RGB")) for path in (example.truth, example.gray, example.result)
    ]
    assert {picture.shape for picture in pictures} == {(256, 256, 3)}
    chroma = [np.hypot(*srgb_to_lab(np.moveaxis(p, -1, 0) / 255)[1:]).mean() for p in pictures]
    assert chroma[1] < 2 < chroma[2]
    assert evaluation.entry("gray").examples[0].photo == example.photo


def test_pairs(report: tuple[Evaluation, Path]) -> None:
    found = {(each.first, each.second, each.metric) for each in report[0].comparisons}
    # read at vividness 0, and never with the truth, which nothing can beat
    assert ("gray", "photochrom_fast-v0", "psnr") in found
    assert not [each for each in found if "truth" in each]


def test_time_and_memory(report: tuple[Evaluation, Path]) -> None:
    careful, lively = (report[0].entry(f"photochrom_fast-v{number}") for number in (0, 1))
    assert careful.cost is not None
    assert careful.cost == lively.cost
    assert careful.cost.seconds > 0
    assert careful.cost.peak_memory is None or 5e7 < careful.cost.peak_memory < 2e9
    assert report[0].entry("gray").cost is None
    assert all((row.seconds or 0) > 0 for row in careful.rows)


def test_same_numbers_in_one_process_and_from_the_journal(
    report: tuple[Evaluation, Path], photos: Path, tmp_path: Path
) -> None:
    evaluation, out = report
    systems = plan_systems(["photochrom_fast", "truth"], hints=[0, 10, 100])
    alone = evaluate(systems, photos, tmp_path / "alone", options=EvaluateOptions(jobs=1))
    assert timeless(alone) == timeless(evaluation)
    # a run that was killed while it wrote
    shutil.copytree(out / "journal", tmp_path / "cut" / "journal")
    path = tmp_path / "cut" / "journal" / "photochrom_fast-v0.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:4]) + lines[4][:100])
    done: list[tuple[str, int, int]] = []
    resumed = evaluate(
        systems,
        photos,
        tmp_path / "cut",
        options=EvaluateOptions(resume=True),
        on_progress=lambda *step: done.append(step),
    )
    assert done[0] == ("scoring", 18, 20)
    assert timeless(resumed) == timeless(evaluation)


def test_another_seed_draws_other_numbers(report: tuple[Evaluation, Path], photos: Path, tmp_path: Path) -> None:
    found = evaluate(plan_systems(["gray"]), photos, tmp_path, options=EvaluateOptions(seed=1))
    ours, theirs = found.entry("gray").scores["psnr"], report[0].entry("gray").scores["psnr"]
    assert ours.mean == theirs.mean
    assert ours.low != theirs.low


def test_a_report_is_not_overwritten_unasked(photos: Path, tmp_path: Path) -> None:
    systems = plan_systems(["gray"])
    save_results(evaluate(systems, photos, tmp_path), tmp_path)
    for options in (EvaluateOptions(), EvaluateOptions(limit=2)):
        with pytest.raises(OutputExistsError, check=lambda error: error.code == "evaluation.report_exists"):
            evaluate(systems, photos, tmp_path, options=options)
    assert len(evaluate(systems, photos, tmp_path, options=EvaluateOptions(overwrite=True, limit=2)).data.photos) == 2
    # the photos of before are not counted again, nor those that are beyond the limit
    assert evaluate(systems, photos, tmp_path, options=EvaluateOptions(resume=True, limit=1)).entry("gray").photos == 1
    with pytest.raises(OptionError, check=lambda error: error.code == "evaluation.resume_with_overwrite"):
        EvaluateOptions(resume=True, overwrite=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputExistsError, check=lambda error: error.code == "evaluation.output_is_file"):
        evaluate(systems, photos, tmp_path / "file")


def test_stopped_and_gone_on(photos: Path, tmp_path: Path) -> None:
    stop = Event()

    def tell(what: str, done: int, total: int) -> None:
        if done == 2:
            stop.set()

    systems = plan_systems(["gray"])
    with pytest.raises(KeyboardInterrupt):
        evaluate(systems, photos, tmp_path, stop=stop, on_progress=tell)
    steps: list[int] = []
    options = EvaluateOptions(resume=True)
    evaluate(systems, photos, tmp_path, options=options, on_progress=lambda _, done, total: steps.append(done))
    assert steps[0] == 2


def spoil_size(folder: Path) -> None:
    Image.new("RGB", (40, 40)).save(folder / "cat.png")


def spoil_content(folder: Path) -> None:
    (folder / "cat.png").write_bytes(b"no picture")


def remove(folder: Path) -> None:
    (folder / "cat.png").unlink()


@pytest.fixture
def predictions(report: tuple[Evaluation, Path], photos: Path, tmp_path: Path) -> Path:
    """The truth, as another program would have found it."""
    folder = tmp_path / "theirs"
    for path in sorted(photos.rglob("*.png")):
        target = folder / path.relative_to(photos)
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.open(path).resize((256, 256), Image.Resampling.LANCZOS).save(target)
    return folder


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [(spoil_size, "size differs"), (spoil_content, "unreadable prediction"), (remove, "missing prediction")],
)
def test_another_programs_predictions(
    predictions: Path, photos: Path, tmp_path: Path, spoil: Callable[[Path], None], kind: str
) -> None:
    spoil(predictions)
    (predictions / "stranger.png").write_bytes(b"")
    found = evaluate(plan_systems([], predictions=[predictions]), photos, tmp_path / "out")
    entry: Entry = found.entry("theirs")
    assert (entry.photos, entry.kind) == (4, "predictions")
    assert [(each.photo, each.kind) for each in entry.left_out] == [("cat", kind)]
    assert entry.scores["psnr"].mean > 50
    reasons = {each.what: each.reason for each in found.skipped}
    assert "stranger.png" in reasons["1 images of theirs"]
    assert "cat" in reasons["1 photos of theirs"]
    # every entry is compared on what both have
    assert {each.photos for each in found.comparisons} <= {4}


def test_nothing_fits(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    Image.new("RGB", (9, 9)).save(tmp_path / "theirs" / "1.png")
    systems = plan_systems([], predictions=[tmp_path / "theirs"])
    with pytest.raises(EvaluationError, check=lambda error: error.code == "evaluation.no_scorable_prediction"):
        evaluate(systems, photos, tmp_path / "out")
    # and may be tried again
    with pytest.raises(EvaluationError, check=lambda error: error.code == "evaluation.no_scorable_prediction"):
        evaluate(systems, photos, tmp_path / "out")


def test_gray_and_damaged_truths_are_named(photos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    shutil.copytree(photos, folder)
    Image.open(folder / "cat.png").convert("L").save(folder / "gray.png")
    (folder / "cut.png").write_bytes((folder / "cat.png").read_bytes()[:2000])
    Image.new("RGB", (5, 90), "red").save(folder / "thin.png")
    found = evaluate(plan_systems(["gray"]), folder, tmp_path / "out")
    assert {each.photo: each.kind for each in found.data.left_out} == {
        "cut": "unreadable",
        "gray": "gray truth",
        "thin": "unreadable",
    }
    assert (found.data.found, len(found.data.photos), found.entry("gray").photos) == (8, 5, 5)
    for each in found.data.left_out:
        assert each.photo in each.reason
    for name in ("people", "things", "cat.png"):
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(EvaluationError, check=lambda error: error.code == "evaluation.no_scorable_photo"):
        evaluate(plan_systems(["gray"]), folder, tmp_path / "none")


def test_full_size(photos: Path, tmp_path: Path) -> None:
    found = evaluate(plan_systems(), photos, tmp_path, options=EvaluateOptions(protocol="full", limit=2))
    assert [(photo.width, photo.height) for photo in found.data.photos] == [(300, 300), (300, 300)]
    assert found.protocol.name == "full"
    assert found.entry("photochrom_fast-v0").photos == 2


def test_plans(tmp_path: Path) -> None:
    assert [system.key for system in plan_systems(["all"], vividness=[1])][:2] == ["gray", "photochrom_fast-v1"]
    assert [system.key for system in plan_systems(["truth", "gray", "truth"])] == ["gray", "truth"]
    assert not [system for system in plan_systems(vividness=[1, 2]) if system.calibrated]
    with pytest.raises(OptionError, check=lambda error: error.code == "evaluation.vividness_out_of_range"):
        plan_systems(vividness=[3])
    with pytest.raises(OptionError, check=lambda error: error.code == "evaluation.hints_out_of_range"):
        plan_systems(hints=[-1])
    with pytest.raises(ModelError):
        plan_systems(["photochrom_fats"])
    for name in ("gray", "b"):
        (tmp_path / name / "gray").mkdir(parents=True)
        Image.new("RGB", (9, 9)).save(tmp_path / name / "gray" / "1.png")
    # names that are taken are told apart
    keys = [
        system.key for system in plan_systems([], predictions=[tmp_path / "gray" / "gray", tmp_path / "b" / "gray"])
    ]
    assert len(set(keys)) == 3
    assert all(key.startswith("gray") for key in keys)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=20))
def test_a_damaged_journal_is_sound_as_far_as_it_goes(
    report: tuple[Evaluation, Path], tmp_path: Path, place: float, junk: bytes
) -> None:
    content = (report[1] / "journal" / "gray.jsonl").read_bytes()
    conditions = json.loads(content.split(b"\n")[0])["conditions"]
    position = int(place * len(content))
    path = tmp_path / "gray.jsonl"
    path.write_bytes(content[:position] + junk + content[position + len(junk) :])
    with Journal(path, conditions, resume=True) as journal:
        assert len(journal.done) <= 5
    for line in path.read_text(errors="replace").splitlines():
        assert "conditions" in json.loads(line) or "photo" in json.loads(line)


def test_only_one_run_writes_a_journal(tmp_path: Path) -> None:
    with (
        Journal(tmp_path / "a.jsonl", {}, resume=False),
        pytest.raises(OutputExistsError, check=lambda error: error.code == "evaluation.journal_in_use"),
    ):
        Journal(tmp_path / "a.jsonl", {}, resume=False)


def test_hints_are_the_truths_own(truth: np.ndarray) -> None:
    hints = draw_hints(truth, 20, seed=0, photo="a")
    assert hints == draw_hints(truth, 20, seed=0, photo="a")
    assert hints != draw_hints(truth, 20, seed=0, photo="b")
    assert hints != draw_hints(truth, 20, seed=1, photo="a")
    lab = srgb_to_lab(np.moveaxis(truth, -1, 0) / 255)
    for hint in hints:
        top, left = int(hint.y - 3.5), int(hint.x - 3.5)
        mean = lab[1:, top : top + 7, left : left + 7].mean((1, 2))
        assert hint.ab == pytest.approx(mean.tolist(), abs=1.0)
    assert len(draw_hints(truth[:5, :3], 4, seed=0, photo="a")) == 4


def test_a_half_of_the_photos(photos: Path, tmp_path: Path) -> None:
    systems = plan_systems(["gray"])
    found = {}
    for split in SPLITS:
        found[split] = evaluate(systems, photos, tmp_path / split, options=EvaluateOptions(split=split))
        save_results(found[split], tmp_path / split)
        write_report(found[split], tmp_path / split)
    ids = {split: {photo.id for photo in each.data.photos} for split, each in found.items()}
    assert (len(ids["select"]), len(ids["report"])) == (2, 3)
    assert ids["select"] | ids["report"] == ids["all"]
    assert {each.data.found for each in found.values()} == {2, 3, 5}
    # every file says which half it is of
    for split in SPLITS:
        out = tmp_path / split
        assert load(out / "results.json").data.split == split
        assert json.loads((out / "journal" / "gray.jsonl").read_text().split("\n")[0])["conditions"]["split"] == split
        for name in ("report.html", "report.md", "leaderboard.md"):
            assert f"split {split} (" in (out / name).read_text(encoding="utf-8")
        assert f",{split}," in (out / "scores.csv").read_text(encoding="utf-8")
    # figures of different halves never stand side by side
    assert make_leaderboard(list(found.values())).count("photos of") == 3
    # a half is not gone on with as the other
    options = EvaluateOptions(split="report", resume=True)
    resumed = evaluate(systems, photos, tmp_path / "select", options=options)
    assert {photo.id for photo in resumed.data.photos} == ids["report"]
    with pytest.raises(OptionError, check=lambda error: error.code == "evaluation.unknown_split"):
        EvaluateOptions(split="test")  # type: ignore[arg-type]
