"""results.json comes back as it went, and nothing else is taken for it."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.errors import ResultsError
from photochrom.evaluation.metrics.registry import list_metrics
from photochrom.evaluation.results.io import RESULTS_FORMAT, from_json, load, to_json
from photochrom.evaluation.results.photos_csv import to_csv
from photochrom.evaluation.results.schema import (
    Calibration,
    CalibrationBin,
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
    Photo,
    ProtocolInfo,
    Row,
    Skipped,
    Subject,
)
from photochrom.evaluation.statistics.paired_tests import compare_all, compare_pair, select_vividness


def make_entry(key: str, model: str, vividness: float | None, psnrs: dict[str, float]) -> Entry:
    return Entry(
        key=key,
        model=model,
        kind="network",
        vividness=vividness,
        sha256="0" * 64,
        version="1",
        license="Apache-2.0",
        parameters=5,
        bytes=7,
        photos=len(psnrs),
        left_out=(LeftOut("c", "missing prediction", "'d' holds no image named c."),),
        scores={"psnr": Interval(20.0, 19.0, 21.0), "auc_raw": Interval(90.0)},
        rows=tuple(Row(photo, {"psnr": value, "ssim": 0.9}, 0.25) for photo, value in psnrs.items()),
        by_hue=(HueSector("pink", -15.0, 15.0, 0, None, None, None),),
        by_subject=(Subject("sea", 2, {"psnr": Interval(20.0)}),),
        hints=(HintPoint(10, 2, Interval(25.0, 24.0, 26.0)),),
        calibration=Calibration(15.0, 0.7, 0.68, 0.02, (CalibrationBin(None, None, 0),), (9.0, 8.0, 7.0, 6.0, 5.0)),
        examples=(Example("a", "random", "examples/t.webp", "examples/g.webp", "examples/r.webp"),),
        cost=Cost(0.1, None, 2, "cpu", 5),
    )


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    entries = (
        make_entry("m-v0", "m", 0.0, {"a": 20.0, "b=<b>": 30.0}),
        make_entry("m-v1", "m", 1.0, {"a": 21.0, "b=<b>": math.inf}),
        make_entry("n", "n", None, {"a": 18.0, "b=<b>": 29.0}),
    )
    metrics = list_metrics({"classifier": "tiny"})
    return Evaluation(
        format=RESULTS_FORMAT,
        photochrom="0",
        protocol=ProtocolInfo("lab256", 1, "squares"),
        data=DataSet(
            "photos",
            "f" * 64,
            3,
            (Photo("a", "photos/a.png", "", 256, 256), Photo("b=<b>", "photos/b.png", "=sea", 256, 256)),
            (LeftOut("g", "gray truth", "'g' has no colour of its own"),),
        ),
        seed=0,
        machine=Machine("Linux", 2, "3.11", "1.20"),
        metrics=metrics,
        entries=entries,
        comparisons=compare_all(entries, [metric for metric in metrics if metric.key == "psnr"], 0),
        skipped=(Skipped("LPIPS", "no network for it was given"),),
        faces={"groups": [1, {"a": None}]},
    )


def test_there_and_back(evaluation: Evaluation, tmp_path: Path) -> None:
    text = to_json(evaluation)
    # infinity is no JSON
    assert json.loads(text)["entries"][1]["rows"][1]["values"]["psnr"] == "inf"
    assert from_json(text) == evaluation
    assert to_json(from_json(text)) == text
    (tmp_path / "results.json").write_text(text, encoding="utf-8")
    assert load(tmp_path / "results.json").entry("n").label == "n"


def read(text: str) -> Evaluation | str:
    """The results, or what is said of them."""
    try:
        return from_json(text, "it")
    except ResultsError as error:
        return str(error)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [path] + [place for key, entry in inner for place in places(entry, (*path, key))]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_what_is_altered_is_refused_or_sound(evaluation: Evaluation, data: st.DataObject) -> None:
    entries = json.loads(to_json(evaluation))
    *path, last = data.draw(st.sampled_from([place for place in places(entries) if place]))
    holder = entries
    for key in path:
        holder = holder[key]
    junk = data.draw(st.sampled_from([None, True, "junk", -1, 1.5, [], {}, [[]], "inf", "delete"]))
    if junk == "delete":
        del holder[last]
    else:
        holder[last] = junk
    found = read(json.dumps(entries))
    if isinstance(found, str):
        assert found.startswith("it ")
    else:
        assert from_json(to_json(found)) == found


@settings(max_examples=60, deadline=None)
@given(cut=st.floats(0, 1), flip=st.integers(0, 10**6))
def test_cut_and_mutated_text(evaluation: Evaluation, cut: float, flip: int) -> None:
    text = to_json(evaluation)
    with pytest.raises(ResultsError):
        from_json(text[: int(cut * (len(text) - 3))])
    place = flip % len(text)
    found = read(text[:place] + chr(33 + flip % 90) + text[place + 1 :])
    assert isinstance(found, Evaluation) or found.startswith("it ")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1" + "0" * 400])
def test_numbers_that_are_none(evaluation: Evaluation, number: str) -> None:
    text = to_json(evaluation).replace("20.0", number, 1)
    assert isinstance(read(text), str)


def test_another_format_and_an_absent_file(tmp_path: Path) -> None:
    for text in ('{"format": 99}', "[]", "3"):
        with pytest.raises(ResultsError, check=lambda error: error.code == "results.format_unknown"):
            from_json(text)
    with pytest.raises(ResultsError, check=lambda error: error.code == "results.unreadable"):
        load(tmp_path / "results.json")
    (tmp_path / "results.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ResultsError, check=lambda error: error.code == "results.unreadable"):
        load(tmp_path / "results.json")


def test_pairs_share_their_finite_photos(evaluation: Evaluation) -> None:
    careful, lively, other = evaluation.entries
    found = compare_pair(careful, other, "psnr", 0)
    assert found is not None
    assert (found.photos, found.difference.mean) == (2, 1.5)
    # infinity less infinity is nothing
    assert compare_pair(lively, other, "psnr", 0) is None
    assert [(each.first, each.second) for each in evaluation.comparisons] == [("m-v0", "n")]
    assert [entry.key for entry in select_vividness(evaluation.entries, 1.0)] == ["m-v1", "n"]


def test_photos_as_csv(evaluation: Evaluation) -> None:
    import csv

    rows = list(csv.DictReader(to_csv(evaluation).splitlines()))
    assert [row["left_out"] for row in rows if row["left_out"]] == ["gray truth"] + ["missing prediction"] * 3
    scored = [row for row in rows if row["psnr"]]
    assert [(row["entry"], row["photo"], row["psnr"]) for row in scored][:2] == [
        ("m-v0", "a", "20"),
        ("m-v0", "b=<b>", "30"),
    ]
    # a spreadsheet would run it
    assert {row["subject"] for row in scored} == {"", "'=sea"}


def test_a_metric_names_its_network() -> None:
    keys = [metric.key for metric in list_metrics({})]
    assert not {"lpips", "class_agreement", "frechet"} & set(keys)
    assert len(set(keys)) == len(keys)
    (agreement,) = [metric for metric in list_metrics({"classifier": "tiny"}) if metric.key == "class_agreement"]
    assert "tiny" in agreement.source


def test_it_is_frozen(evaluation: Evaluation) -> None:
    assert replace(evaluation, seed=1) != evaluation
    with pytest.raises(KeyError):
        evaluation.entry("none")


def test_results_of_format_1_are_read_in_the_words_of_today(evaluation: Evaluation) -> None:
    entries = json.loads(to_json(replace(evaluation, data=replace(evaluation.data, split="all"))))
    entries["format"] = 1
    del entries["data"]["split"]
    for metric in entries["metrics"]:
        del metric["target"]
    entries["entries"][2]["kind"] = "outputs"
    entries["entries"][2]["left_out"][0]["kind"] = "unreadable output"
    read = from_json(json.dumps(entries))
    assert read.format == RESULTS_FORMAT
    assert read.data.split == "all"
    assert read.entry("n").kind == "predictions"
    assert read.entry("n").left_out[0].kind == "unreadable prediction"
    assert from_json(to_json(read)) == read
