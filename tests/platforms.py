"""What some tests ask of the system that they run on."""

import os
import sys

import pytest

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="on Linux alone: reads /proc, limits memory or mounts"
)
posix = pytest.mark.skipif(
    os.name != "posix", reason="on Linux and macOS alone: signals, forks, pipes and devices"
)
