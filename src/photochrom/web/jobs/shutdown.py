"""Tells answers that go on for long that the process is to end, so that it need not wait for them."""

import threading

__all__ = ["ENDING"]

#: set as soon as the process is told to end
ENDING = threading.Event()
