"""What every test shares: chance that is the same each time."""

import random
import sys

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.load_profile("same")


@pytest.fixture(autouse=True)
def _same_chance() -> None:
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - for libraries that use the global generator
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)
