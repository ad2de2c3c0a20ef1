"""Every command and every Python block a reader is shown runs, in a folder like the reader's."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from photochrom.cli.main import main
from photochrom.registry import model_names

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
#: read by people who change the source: linked pages and words of make are checked, commands are not run
DEVELOPER_PAGES = [ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "zoo/README.md")]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: run by .ci/run itself, which is checked to say the same
SETUP = ("python3 -m venv", "make ")
#: what the shell itself does something about
SHELL = re.compile(r"[|<>;&$*?`~]")


def blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


def pages_with(language: str) -> list[Path]:
    return [page for page in PAGES if blocks(page, language)]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def write_film(path: Path, photo: Image.Image) -> None:
    """Two shots, 40 frames: pans over the photo and over its mirror image."""
    try:
        import av
    except ModuleNotFoundError:
        return  # pages that need a film say so
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for number in range(40):
            shot = photo if number < 15 else photo.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            part = shot.resize((300, 280)).crop((number, 60, number + 128, 156)).convert("RGB")
            output.mux(stream.encode(av.VideoFrame.from_image(part)))
        output.mux(stream.encode(None))


@contextmanager
def storing(page: Path, desk: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """A bucket called archive, with the shoebox in it, for the pages that speak of one."""
    if "s3://archive" not in page.read_text(encoding="utf-8"):
        yield
        return
    address, client = request.getfixturevalue("s3_server")
    client.create_bucket(Bucket="archive")
    for path in (desk / "shoebox").rglob("*.*"):
        client.upload_file(str(path), "archive", f"shoebox/{path.relative_to(desk / 'shoebox').as_posix()}")
    keys = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests", "AWS_DEFAULT_REGION": "us-east-1"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (keys | {"AWS_ENDPOINT_URL": address}).items():
            patch.setenv(name, value)
        yield


@contextmanager
def serving(page: Path, folder: Path) -> Iterator[None]:
    """The service, for the time that the commands of a page that speaks to it run."""
    if "$SERVICE" not in page.read_text(encoding="utf-8"):
        yield
        return
    pytest.importorskip("fastapi", reason="the service needs the web extra")
    pytest.importorskip("huey", reason="the service needs the web extra")
    command = [sys.executable, "-m", "photochrom", "serve", "--port", "0"]
    environment = os.environ | {"PHOTOCHROM_STORAGE_URL": str(folder / "store")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://[\w.:]+", process.stdout.readline())
            assert found
            os.environ["SERVICE"] = f"{found[0]}/api/v1"
            os.environ["TOKEN"] = "0123456789abcdef" * 2
            yield
        finally:
            process.terminate()


def write_certificates(folder: Path) -> None:
    """An authority, and the certificate and key of one who signs, as ``openssl`` makes them."""
    if shutil.which("openssl") is None:
        return  # the page that needs them says so
    run = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    usage = ["-addext", "keyUsage=critical,digitalSignature", "-addext", "extendedKeyUsage=emailProtection"]
    authority = ["-keyout", "authority-key.pem", "-out", "authority.pem", "-subj", "/O=Archive/CN=Root"]
    signer = ["-keyout", "key.pem", "-out", "signer.pem", "-subj", "/O=Archive/CN=Scan room"]
    signer += ["-CA", "authority.pem", "-CAkey", "authority-key.pem", "-addext", "basicConstraints=critical,CA:false"]
    for words in ([*run, *authority], [*run, *signer, *usage]):
        subprocess.run(words, cwd=folder, check=True, capture_output=True)
    parts = (folder / "signer.pem", folder / "authority.pem")
    (folder / "certificate.pem").write_bytes(b"".join(part.read_bytes() for part in parts))


@pytest.fixture(scope="session")
def furniture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files the pages speak of."""
    folder = tmp_path_factory.mktemp("furniture")
    photo = Image.open(ROOT / "docs" / "photos" / "astronaut_gray.jpg")
    photo.save(folder / "1936.jpg", quality=90)
    for name, suffix in (("shoebox/summer", "jpg"), ("shoebox", "png"), ("scans", "tif")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in (1, 2):
            photo.resize((96 * number, 80)).save(folder / name / f"{number:03}.{suffix}")
    hints = [{"x": 310, "y": 200, "color": "#8a5a3c", "radius": 8}, {"x": 40, "y": 30, "color": "#7fa7d0"}]
    (folder / "hints.json").write_text(json.dumps(hints))
    shutil.copytree(ROOT / "recipes", folder / "recipes")
    for number in range(24):
        (folder / "photos").mkdir(exist_ok=True)
        shape = Image.effect_mandelbrot((160, 160), (-2 + number / 30, -1, 1, 1), 20)
        ImageOps.colorize(shape, "navy", "orange").save(folder / "photos" / f"{number}.png")
    write_film(folder / "1926.mp4", photo)
    write_certificates(folder)
    ImageOps.colorize(photo.convert("L").resize((300, 280)), "navy", "orange").save(folder / "still.jpg", quality=95)
    return folder


@pytest.fixture
def desk(furniture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the reader's own, with these files."""
    shutil.copytree(furniture, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    # a process for each processor would cost more than it saves, with so little to do
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0}, raising=False)
    return tmp_path


@pytest.mark.parametrize("page", pages_with("bash"), ids=name)
def test_commands_run(page: Path, desk: Path, request: pytest.FixtureRequest) -> None:
    commands = "\n".join(blocks(page, "bash"))
    with serving(page, desk), storing(page, desk, request):
        run_commands(commands, alone=page.name == "README.md")


def run_commands(commands: str, *, alone: bool) -> None:
    """Runs commands, all as the shell does where ``alone``; else those of ours in this process, without its start."""
    if "--sign" in commands:
        pytest.importorskip("c2pa", reason="signing needs the provenance extra")
    if "--lossless" in commands:
        pytest.importorskip("jpeglib", reason="keeping a JPEG bit for bit needs the lossless extra")
    if "photochrom train" in commands or "--hub" in commands:
        pytest.importorskip("lightning", reason="training needs the train extra")
    for command in re.sub(r"\\\n\s*", " ", commands).splitlines():
        command = command.split("  #")[0].strip()
        if not command or command.startswith(("#", *SETUP)):
            continue
        if re.search(r"\bffmpeg\b", command) and shutil.which("ffmpeg") is None:
            continue
        if command.startswith("photochrom ") and not SHELL.search(command) and not alone:
            with warnings.catch_warnings():
                assert main(shlex.split(command)[1:]) == 0, command
            continue
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", pages_with("python"), ids=name)
def test_python_runs(page: Path, desk: Path) -> None:
    code = "\n".join(blocks(page, "python"))
    with serving(page, desk):
        done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_the_two_commands_of_the_readme_are_what_ci_runs() -> None:
    first, second, *_ = blocks(ROOT / "README.md", "bash")
    ci = (ROOT / ".ci" / "run").read_text()
    words = first.split("photochrom colorize ")[1].split()
    assert f'photochrom" colorize {words[0]}' in ci
    assert second.strip() in ci
    makefile = (ROOT / "Makefile").read_text()
    assert "\ntest:" in makefile


def test_pictures_and_pages_that_are_linked_exist() -> None:
    for page in [*PAGES, *DEVELOPER_PAGES]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{name(page)} links to {target}"


def test_ci_and_pages_say_words_that_make_knows() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets
    said = [text for page in [*PAGES, *DEVELOPER_PAGES] for text in blocks(page, "bash")]
    said += re.findall(r"`[^`\n]*\bmake [^`\n]*`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    said += [path.read_text() for path in [*(ROOT / ".github").rglob("*.yml"), ROOT / ".ci" / "run"]]
    words = {
        word for text in said for word in re.findall(r"(?:^|run: |`|[A-Z_]+=\w+ )make ([a-z]+)", text, re.MULTILINE)
    }
    assert words >= {"setup", "check", "quick", "test", "coverage", "docs"}
    assert words <= set(targets[1].split())


def test_every_tier_is_registered_and_described(pytestconfig: pytest.Config) -> None:
    registered = {line.split(":")[0] for line in pytestconfig.getini("markers")}
    described = re.findall(r"^\| `(\w+)` \|", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert described == ["unit", "integration", "browser", "cluster", "train"]
    assert registered >= set(described)


def test_the_changelog_knows_this_version() -> None:
    import photochrom

    assert f"## [{photochrom.__version__}]" in (ROOT / "CHANGELOG.md").read_text()
    assert f"version: {photochrom.__version__}" in (ROOT / "CITATION.cff").read_text()


@pytest.mark.parametrize(
    "verb", ["colorize", "video", "verify", "strip", "models", "inspect", "evaluate", "export", "serve", "worker"]
)
def test_the_command_line_page_names_every_option(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        assert main([verb, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Usage: photochrom" in shown
    page = (ROOT / "docs" / "reference" / "cli.md").read_text()
    section = page.split(f"## `photochrom {verb}")[1].split("\n## ")[0]
    for option in re.findall(r"^\s+(?:-\w, )?(--[\w-]+)", shown, re.MULTILINE):
        assert option == "--help" or f"`{option}" in section, option


def test_the_zoo_and_the_leaderboard_show_the_same_table() -> None:
    zoo, board = ((ROOT / "docs" / name).read_text().splitlines() for name in ("zoo.md", "leaderboard.md"))
    rows = [line for line in board if line.startswith("|")]
    start = zoo.index(rows[0])
    assert zoo[start : start + len(rows)] == rows
    shown = {row.split("|")[1].strip().replace("\\", "") for row in rows}
    assert shown >= {*model_names(), "gray", "truth"}
