"""The study kit: what is made, what is served by a real process, what is stored, and what is reported."""

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import photochrom.user_study
from photochrom.cli.main import main
from photochrom.color.conversion import srgb_to_lab
from photochrom.errors import (
    NoInputError,
    OptionError,
    OutputExistsError,
    StudyError,
    UnreadablePictureError,
    UnsupportedPictureError,
)
from photochrom.user_study import Answers, StudyOptions, create_study, open_study, summarize
from photochrom.user_study.responses import Answer, OutOfOrderError, UnknownParticipantError
from photochrom.user_study.stimuli import recolor_absurdly
from photochrom.user_study.study import ANSWERS, PICTURES

PAIRS = 12


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> tuple[Path, Path]:
    """Twelve real squares of photos, and the same in sepia, as ``photochrom colorize`` would name them."""
    root = tmp_path_factory.mktemp("pairs")
    sources = [Image.open(path).convert("RGB").resize((96, 96)) for path in sorted(photos.rglob("*.png"))]
    for number in range(PAIRS):
        image = sources[number % len(sources)].rotate(90 * (number // len(sources)))
        sepia = Image.merge("RGB", [image.convert("L").point(lambda v, k=k: int(v * k)) for k in (1.0, 0.86, 0.7)])
        for folder, version, name in (("truth", image, f"{number}.png"), ("model", sepia, f"{number}.color.png")):
            path = root / folder / "album" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            version.save(path)
    return root / "truth", root / "model"


@pytest.fixture
def study(folders: tuple[Path, Path], tmp_path: Path) -> Path:
    create_study(*folders, tmp_path / "study", options=StudyOptions(practice=2, checks=2, trials=5, seconds=0.1))
    return tmp_path / "study"


def answered(choice: int) -> Answer:
    return Answer(choice, 100.0, 101.0, 500.0, interrupted=False)  # type: ignore[arg-type]


def take_part(folder: Path, *, fooled: int, attentive: bool = True, quit_after: int | None = None) -> str:
    """Answer a whole study; taken in by the model's picture in so many test pairs."""
    answers = Answers(folder / ANSWERS)
    token = answers.add_participant(open_study(folder))
    while (step := answers.find_next_step(token)) is not None:
        if quit_after is not None and step.number > quit_after:
            break
        wanted = "a"
        if step.kind == "test" and fooled:
            fooled, wanted = fooled - 1, "b"
        if step.kind == "check" and not attentive:
            wanted = "b"
        answers.record(token, step.number, answered(1 if step.first == wanted else 2))
    return token


def test_what_is_made(folders: tuple[Path, Path], study: Path) -> None:
    found = open_study(study)
    assert (len(found.practice), len(found.checks), len(found.pairs)) == (2, 2, 8)
    assert (found.steps, found.names, found.ask) == (9, ("truth", "model"), "real")
    every = [*found.practice, *found.checks, *found.pairs]
    assert sorted(pair.name for pair in every) == sorted(f"album/{n}" for n in range(PAIRS))
    names = {path.stem for path in (study / PICTURES).iterdir()}
    assert names == {stem for pair in every for stem in (pair.a, pair.b)}
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)
    truth, model = folders
    for pair in found.pairs:
        for stem, source in ((pair.a, truth / f"{pair.name}.png"), (pair.b, model / f"{pair.name}.color.png")):
            with Image.open(study / PICTURES / f"{stem}.webp") as shown, Image.open(source) as original:
                assert np.array_equal(np.asarray(shown), np.asarray(original))
                assert not set(shown.info) & {"exif", "xmp", "icc_profile"}


def test_checks_are_plain_to_see(folders: tuple[Path, Path]) -> None:
    truth = Image.open(folders[0] / "album" / "0.png")
    absurd = recolor_absurdly(truth)
    lab, made = (srgb_to_lab(np.moveaxis(np.asarray(image) / 255.0, -1, 0)) for image in (truth, absurd))
    assert np.abs(lab[0] - made[0]).mean() < 0.5
    assert np.hypot(*(lab[1:] - made[1:])).mean() > 30


def test_the_seed_draws_the_pairs_and_nothing_else(folders: tuple[Path, Path], tmp_path: Path) -> None:
    made = [
        create_study(*folders, tmp_path / str(i), options=StudyOptions(pairs=6, seed=seed)).study
        for i, seed in enumerate((1, 1, 2))
    ]
    names = [[pair.name for pair in (*s.practice, *s.checks, *s.pairs)] for s in made]
    assert names[0] == names[1] != names[2]
    # who knows the seed must not know the addresses
    assert len({s.id for s in made}) == 3
    assert not {p.a for p in made[0].pairs} & {p.a for p in made[1].pairs}


def test_what_has_no_partner_is_told(folders: tuple[Path, Path], tmp_path: Path, capfd: Any) -> None:
    truth, model = folders
    for folder in (truth, model):
        for number in range(4):
            (tmp_path / folder.name).mkdir(exist_ok=True)
            if (folder.name, number) != ("model", 3):
                suffix = ".color.png" if folder.name == "model" else ".png"
                source = folder / "album" / f"{number}{suffix}"
                (tmp_path / folder.name / source.name).write_bytes(source.read_bytes())
    out = tmp_path / "out"
    assert main(["study", "create", str(tmp_path / "truth"), str(tmp_path / "model"), "-o", str(out)]) == 0
    said = capfd.readouterr()
    assert "3.png has no partner" in said.err
    assert "2 pairs, 0 for practice, 1 checks" in said.out
    assert len(open_study(out).pairs) == 2


def test_bad_folders(folders: tuple[Path, Path], tmp_path: Path) -> None:
    truth, model = folders
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoInputError, check=lambda error: error.code == "study.no_pairs"):
        create_study(truth, tmp_path / "empty", tmp_path / "out")
    with pytest.raises(NoInputError, check=lambda error: error.code == "study.folder_missing"):
        create_study(truth, tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(OutputExistsError):
        create_study(truth, model, tmp_path / "empty")
    transparent = Image.new("RGBA", (96, 96), (1, 2, 3, 4))
    transparent.putpixel((5, 5), (1, 2, 3, 255))
    for bad, error, code in (
        (Image.new("RGB", (96, 95)), StudyError, "study.sizes_differ"),
        (transparent, UnsupportedPictureError, "study.transparent"),
    ):
        (tmp_path / "bad" / "album").mkdir(parents=True, exist_ok=True)
        bad.save(tmp_path / "bad" / "album" / "0.png")
        with pytest.raises(error) as caught:
            create_study(truth, tmp_path / "bad", tmp_path / "out", options=StudyOptions(checks=0))
        assert caught.value.code == code
    (tmp_path / "bad" / "album" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UnreadablePictureError):
        create_study(truth, tmp_path / "bad", tmp_path / "out", options=StudyOptions(checks=0))
    (tmp_path / "bad" / "album" / "0.jpg").write_bytes(b"")
    with pytest.raises(StudyError, check=lambda error: error.code == "study.name_twice"):
        create_study(truth, tmp_path / "bad", tmp_path / "out")
    with pytest.raises(OptionError, check=lambda error: error.code == "study.too_few_for_parts"):
        create_study(truth, model, tmp_path / "out", options=StudyOptions(trials=12))
    # nothing half-made is left
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad", "empty"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"ask": "nicer"}, "study.ask_unknown"),
        ({"pairs": 0}, "study.number_too_small"),
        ({"seconds": 0.0}, "study.seconds_out_of_range"),
        ({"seconds": 100.0}, "study.seconds_out_of_range"),
        ({"size": 8}, "study.size_out_of_range"),
        ({"consent": " "}, "study.text_empty"),
        ({"checks": -1}, "study.number_too_small"),
    ],
)
def test_bad_options(options: dict[str, Any], code: str) -> None:
    with pytest.raises(OptionError) as caught:
        StudyOptions(**options)
    assert caught.value.code == code


def test_each_participant_sees_every_kind_once(study: Path) -> None:
    for _ in range(8):
        take_part(study, fooled=0)
    with sqlite3.connect(study / ANSWERS) as found:
        rows = found.execute("SELECT participant, number, kind, pair, first FROM steps ORDER BY 1, 2").fetchall()
    found.close()
    people: dict[int, list[Any]] = {}
    for row in rows:
        people.setdefault(row[0], []).append(row)
    for steps in people.values():
        assert [row[2] for row in steps[:2]] == ["practice"] * 2
        assert Counter(row[2] for row in steps) == {"practice": 2, "check": 2, "test": 5}
        assert len({(row[2], row[3]) for row in steps}) == len(steps)
        firsts = Counter(row[4] for row in steps[2:])
        assert abs(firsts["a"] - firsts["b"]) <= 1
    # 8 participants x 5 tests over 8 pairs: each shown five times
    assert Counter(row[3] for row in rows if row[2] == "test") == dict.fromkeys(range(8), 5)
    orders = {tuple(row[3] for row in steps if row[2] == "test") for steps in people.values()}
    assert len(orders) > 1


def test_answers_in_order_once_and_deletable(study: Path) -> None:
    answers = Answers(study / ANSWERS)
    token = answers.add_participant(open_study(study))
    with pytest.raises(OutOfOrderError):
        answers.record(token, 2, answered(1))
    with pytest.raises(OutOfOrderError):
        answers.record(token, 99, answered(1))
    first = answers.record(token, 1, answered(1))
    assert answers.record(token, 1, answered(1)) == first
    with pytest.raises(OutOfOrderError):
        answers.record(token, 1, answered(2))
    step = answers.find_next_step(token)
    assert step is not None
    assert step.number == 2
    assert answers.count_participants() == (1, 0)
    other = take_part(study, fooled=1)
    answers.delete_participant(token)
    with pytest.raises(UnknownParticipantError):
        answers.find_next_step(token)
    assert answers.count_participants() == (1, 1)
    assert len({answer.participant for answer in answers.list_recorded()}) == 1
    # neither file holds what would let its reader answer for others
    content = b"".join(path.read_bytes() for path in study.glob(f"{ANSWERS}*"))
    assert other.encode() not in content


def test_many_at_once(study: Path) -> None:
    threads = [threading.Thread(target=take_part, args=(study,), kwargs={"fooled": n % 3}) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Answers(study / ANSWERS).count_participants() == (8, 8)
    summary = summarize(study)
    assert (summary.participants, summary.answers) == (8, 40)
    assert summary.rate.mean == pytest.approx((0 + 1 + 2 + 0 + 1 + 2 + 0 + 1) / 40)


def test_the_rate_and_its_interval(study: Path, capfd: Any) -> None:
    with pytest.raises(StudyError, check=lambda error: error.code == "study.no_answers"):
        summarize(study)
    for fooled in (0, 1, 2, 2, 3, 2, 4, 2):
        take_part(study, fooled=fooled)
    take_part(study, fooled=5, attentive=False)
    take_part(study, fooled=5, quit_after=6)
    summary = summarize(study)
    assert (summary.joined, summary.finished, summary.inattentive) == (10, 9, 1)
    assert (summary.participants, summary.answers) == (8, 40)
    assert summary.rate.mean == 16 / 40
    # by hand from Wilson's formula at 16 of 40
    assert (summary.wilson.low, summary.wilson.high) == pytest.approx((0.2635, 0.5540), abs=1e-4)
    assert summary.rate.low is not None
    assert summary.rate.high is not None
    # the standard error over participants is 0.084
    assert (summary.rate.low, summary.rate.high) == pytest.approx((0.25, 0.55), abs=0.04)
    assert summary.p_value == pytest.approx(0.268, abs=0.001)
    assert summary.everybody == pytest.approx(21 / 45)
    assert summary.checks == 16 / 18
    assert sum(pair.chosen for pair in summary.pairs) == 16
    assert summary == summarize(study)
    capfd.readouterr()
    assert main(["study", "report", str(study)]) == 0
    said = capfd.readouterr().out
    assert "fooling rate of model: 40.0 %" in said
    assert "26.3 % to 55.4 %" in said
    assert main(["study", "report", str(study), "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == json.loads(json.dumps(asdict(summary)))


def test_interrupted_answers_do_not_count(study: Path) -> None:
    answers = Answers(study / ANSWERS)
    token = answers.add_participant(open_study(study))
    while (step := answers.find_next_step(token)) is not None:
        blurred = step.kind == "test" and step.number % 2 == 0
        answers.record(token, step.number, Answer(1 if step.first == "a" else 2, 90.0, 90.0, 9.0, interrupted=blurred))
    summary = summarize(study)
    assert summary.answers + summary.interrupted == 5
    assert summary.interrupted > 0
    # one participant: no interval over participants
    assert summary.rate.low is None


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_damaged_study_is_one_error(folders: tuple[Path, Path], tmp_path_factory: Any, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("damaged") / "study"
    create_study(*folders, folder, options=StudyOptions(pairs=4))
    name = data.draw(st.sampled_from(["study.json", ANSWERS]))
    content = bytearray((folder / name).read_bytes())
    for place in data.draw(st.lists(st.integers(0, min(len(content), 2000) - 1), min_size=1, max_size=4)):
        content[place] ^= data.draw(st.integers(1, 255))
    (folder / name).write_bytes(content[: data.draw(st.integers(0, len(content)))])
    # a change may hit a name or an empty page and do no harm; anything else is our own error
    with contextlib.suppress(StudyError):
        study = open_study(folder)
        answers = Answers(folder / ANSWERS)
        answers.find_next_step(answers.add_participant(study))


class Client:
    """Speaks to a study's real server process."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "photochrom", "study", "serve", str(folder), "--port", "0"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=self._hear
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/s/[0-9a-f]{32}/", self.address), self._process.communicate()

    @staticmethod
    def _hear() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None) -> tuple[int, Any, Any]:
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        address = path if path.startswith("http") else self.address + path
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def json(self, method: str, path: str, body: Any = None) -> Any:
        status, _, content = self.ask(method, path, body)
        assert status in (200, 201), content
        return json.loads(content)

    def stop(self) -> tuple[int, str]:
        self._process.send_signal(signal.SIGINT)
        _, said = self._process.communicate(timeout=20)
        return self._process.returncode, said

    def kill(self) -> None:
        if self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@pytest.fixture
def client(study: Path) -> Iterator[Client]:
    pytest.importorskip("uvicorn", reason="serving needs the web extra")
    found = Client(study)
    yield found
    found.kill()


def test_a_session_over_http(study: Path, client: Client) -> None:
    status, headers, page = client.ask("GET", "")
    assert status == 200
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "server" not in headers
    assert "set-cookie" not in headers
    # nothing in the page is from elsewhere
    assert not re.search(rb"""(src|href)=["'](?!page\.|data:)""", page)
    described = client.json("GET", "study")
    assert (described["steps"], described["question"]) == (9, "Which one is the real photo?")
    joined = client.json("POST", "participants", {"consent": True})
    token, step = joined["participant"], joined["next"]
    found = open_study(study)
    truths = {pair.a for pair in (*found.practice, *found.checks, *found.pairs)}
    graded = []
    for number in range(1, 10):
        # nothing else is sent that could tell one side from the other
        assert set(step) == {"number", "practice", "pictures"}
        assert step["number"] == number
        stems = [Path(picture).stem for picture in step["pictures"]]
        assert len(set(stems) & truths) == 1
        for picture in step["pictures"]:
            status, headers, content = client.ask("GET", picture)
            assert (status, headers["Content-Type"]) == (200, "image/webp")
            assert content[8:12] == b"WEBP"
        choice = 1 if stems[0] in truths else 2
        if number == 1:
            choice = 3 - choice
        given = {
            "number": number,
            "choice": choice,
            "first_ms": 100,
            "second_ms": 101.5,
            "answer_ms": 7,
            "interrupted": False,
        }
        reply = client.json("POST", f"participants/{token}/answers", given)
        graded.append(reply["right"])
        step = reply["next"]
    assert step is None
    # practice alone is graded
    assert graded == [False, True, *[None] * 7]
    assert summarize(study).rate.mean == 0.0
    code, said = client.stop()
    assert code == 0
    assert "1 joined so far, 1 finished" in said


def test_a_killed_server_loses_nothing(study: Path, client: Client) -> None:
    token = client.json("POST", "participants", {"consent": True})["participant"]
    given = {"number": 1, "choice": 1, "first_ms": 1, "second_ms": 1, "answer_ms": 1, "interrupted": False}
    client.json("POST", f"participants/{token}/answers", given)
    client.kill()
    again = Client(study)
    try:
        assert again.json("GET", f"participants/{token}/next")["next"]["number"] == 2
        assert again.json("DELETE", f"participants/{token}") == {"deleted": True}
        assert again.ask("GET", f"participants/{token}/next")[0] == 404
    finally:
        again.kill()


def test_the_server_takes_nothing_else(study: Path, client: Client) -> None:
    from photochrom.user_study import server

    token = client.json("POST", "participants", {"consent": True})["participant"]
    answer = {"number": 1, "choice": 1, "first_ms": 1, "second_ms": 1, "answer_ms": 1, "interrupted": False}
    place = f"participants/{token}/answers"
    changes: list[dict[str, Any]] = [
        {"choice": 3}, {"choice": "1"}, {"choice": None}, {"number": 0}, {"number": 10**30}, {"first_ms": -1},
        {"first_ms": "NaN"}, {"second_ms": 1e300}, {"interrupted": 1}, {"extra": 1}, {"number": [1]},
    ]  # fmt: skip
    for change in changes:
        status, _, content = client.ask("POST", place, {**answer, **change})
        assert status == 422, change
        assert list(json.loads(content)) == ["error"]
    for raw in (b"", b"{", b"[]", b"\xff\xfe", b'{"number": NaN}', b"[" * 3000, b"null"):
        status, _, content = client.ask("POST", place, raw=raw)
        assert status in (400, 422), raw
        assert json.loads(content)["error"] == server.UNFIT
    assert client.ask("POST", place, raw=b" " * 5000)[0] == 413
    assert client.ask("POST", "participants", {"consent": False})[0] == 422
    assert client.ask("POST", "participants", {})[0] == 422
    assert client.ask("POST", place, {**answer, "number": 2})[0] == 409
    for strange in ("x", "../../etc/passwd", "%2e%2e%2f", "A" * 32, "'; DROP TABLE steps; --", "é" * 3):
        path = urllib.request.quote(strange, safe="%")
        assert client.ask("GET", f"participants/{path}/next")[0] in (404, 422)
        assert client.ask("GET", f"pictures/{path}.webp")[0] == 404
        assert client.ask("GET", path)[0] == 404
    base = client.address.split("/s/")[0]
    other = "0" * 32
    for path in ("/", "/s/", f"/s/{other}/", f"/s/{other}/study", "/docs", "/openapi.json", "/study.json"):
        status, headers, content = client.ask("GET", base + path)
        assert status == 404, path
        assert open_study(study).id.encode() not in content
        assert headers["Content-Security-Policy"]
    for name in ("study.json", ANSWERS, "page.py", "..%2fstudy.json"):
        assert client.ask("GET", name)[0] == 404
    # and it still serves
    assert client.json("POST", place, answer)["next"]["number"] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["study", "serve", "nowhere"], 1, "nowhere"),
        (["study", "report", "nowhere"], 1, "nowhere"),
        (["study", "create", "a", "b", "-o", "out"], 1, "'a'"),
        (["study", "create", "a", "b"], 2, "--output"),
        (["study", "create", "a", "b", "-o", "out", "--seconds", "0"], 2, "seconds"),
        (["study", "create", "a", "b", "-o", "out", "--consent", "nowhere.txt"], 2, "nowhere.txt"),
        (["study", "serve"], 2, "Missing argument"),
        (["study", "dance"], 2, "dance"),
    ],
)
def test_one_sentence(
    arguments: list[str], code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == code
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith("photochrom: ")
    assert said.err.count("\n") == 1
    assert words in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_one_sentence(study: Path, client: Client, capfd: Any) -> None:
    port = client.address.split(":")[2].split("/")[0]
    assert main(["study", "serve", str(study), "--port", port]) == 2
    assert port in capfd.readouterr().err


def test_old_names(study: Path) -> None:
    with pytest.warns(DeprecationWarning, match="make_study"):
        assert photochrom.user_study.make_study is create_study
    answers = Answers(study / ANSWERS)
    with pytest.warns(DeprecationWarning, match="join"):
        token = answers.join(open_study(study))
    with pytest.warns(DeprecationWarning, match="next_step"):
        assert answers.next_step(token) == answers.find_next_step(token)
    with pytest.warns(DeprecationWarning, match="give"):
        answers.give(token, 1, answered(1))
    with pytest.warns(DeprecationWarning, match="given"):
        assert answers.given() == answers.list_recorded()
    with pytest.warns(DeprecationWarning, match="finished"):
        assert answers.finished() == []
    with pytest.warns(DeprecationWarning, match="forget"):
        answers.forget(token)
    with pytest.warns(DeprecationWarning, match="count"):
        assert answers.count() == (0, 0)
