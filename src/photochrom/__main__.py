"""``python -m photochrom`` is the same as ``photochrom``."""

from photochrom.cli.main import run

if __name__ == "__main__":
    run()
