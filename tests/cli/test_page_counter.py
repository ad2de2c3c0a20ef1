"""The pages of a long TIFF are counted while they are coloured."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from photochrom.batch import plan_jobs, run_plan
from photochrom.cli._support.console import RunConsole
from photochrom.colorizer import Colorizer
from photochrom.options import ColorizeOptions

pytestmark = pytest.mark.usefixtures("weights")


class Terminal(io.StringIO):
    """A standard error that is one."""

    def isatty(self):
        return True


@pytest.fixture
def long_tiff(tmp_path):
    pages = [Image.fromarray(np.roll(np.arange(64 * 64, dtype=np.uint8).reshape(64, 64), n, axis=0)) for n in range(5)]
    pages[0].save(tmp_path / "minutes.tif", save_all=True, append_images=pages[1:])
    Image.fromarray(np.asarray(pages[0])).save(tmp_path / "single.tif")
    return tmp_path / "minutes.tif"


@pytest.mark.parametrize("many", [False, True])
def test_each_page_is_counted_on_a_terminal(long_tiff, tmp_path, monkeypatch, many):
    monkeypatch.setattr(sys, "stderr", Terminal())
    plan = plan_jobs([long_tiff.parent] if many else [long_tiff], f"{tmp_path}/out/")
    shown, told = [], []
    with RunConsole(plan, quiet=False) as console:

        def on_page(job, done, pages):
            told.append((job.source.name, done, pages))
            console.show_page(job, done, pages)
            shown.append([(task.description, task.completed, task.total) for task in console._bar.tasks])

        run_plan(
            plan,
            colorizer=Colorizer(threads=1),
            options=ColorizeOptions(input_size=32),
            jobs=1,
            on_event=console.show_event,
            on_page=on_page,
        )
        assert [task.description for task in console._bar.tasks if task.description] == []
    assert [each for each in told if each[0] == "minutes.tif"] == [("minutes.tif", n, 5) for n in range(5)]
    for number in range(5):
        assert ("minutes.tif", number, 5) in shown[told.index(("minutes.tif", number, 5))]
    # one page alone is not counted
    assert not any(name == "single.tif" for tasks in shown for name, _, _ in tasks)


def test_a_pipe_gets_no_bar(long_tiff, tmp_path):
    plan = plan_jobs([long_tiff], tmp_path / "out.tif")
    with RunConsole(plan, quiet=False) as console:
        console.show_page(plan.jobs[0], 1, 5)
        assert console._bar is None
