"""The command against disks that are full, small or read-only."""

import os
from pathlib import Path
from shutil import which

import pytest
from faulty_runs import assert_complete, command, n_parts, run
from platforms import linux

pytestmark = [linux, pytest.mark.usefixtures("_with_input")]
resource = pytest.importorskip("resource", reason="on Linux alone: limits files")


@pytest.fixture(name="model")
def _model(bow_model):
    return bow_model


def limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


@pytest.mark.parametrize("shard", ["20", "2000"])
def test_files_that_cannot_grow(model, shard, whole):
    done = run(*command(model), "--shard-size", shard, preexec_fn=limit_files)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Error: [Errno 27] File too large"
    assert not Path("out.csv").exists()
    done = run(*command(model), "--shard-size", shard)
    assert done.returncode == 3, done.stderr
    assert_complete(whole)


AS_ROOT = ("sudo", "--non-interactive") if which("sudo") and os.getuid() else ()


def mount(*options: str) -> int:
    return run(*AS_ROOT, "mount", *options).returncode


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own with very little on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = f"size=400k,uid={os.getuid()}"
    if mount("-t", "tmpfs", "-o", options, "tmpfs", str(disk)):
        pytest.skip("needs root, or sudo without a password, to mount a small disk")
    yield disk
    run(*AS_ROOT, "umount", str(disk))


def test_a_full_disk(model, small_disk, whole):
    output = str(small_disk / "out.csv")
    done = run(*command(model, output))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Error: [Errno 28] No space left on device"
    assert n_parts(output) > 0
    assert mount("-o", "remount,size=4m", str(small_disk)) == 0
    done = run(*command(model, output))
    assert "Resuming: " in done.stderr
    assert Path(output).read_bytes() == whole[0]


def test_a_folder_that_becomes_read_only(model, small_disk, whole):
    assert mount("-o", "remount,size=4m,ro", str(small_disk)) == 0
    output = str(small_disk / "out.csv")
    done = run(*command(model, output))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: [Errno 30] Read-only file system")
    assert mount("-o", "remount,rw", str(small_disk)) == 0
    assert run(*command(model, output)).returncode == 3
    assert Path(output).read_bytes() == whole[0]
