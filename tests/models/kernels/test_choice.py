"""Which kernel reads, with and without a compiled one, and what a user may force."""

import subprocess
import sys

import pytest

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.kernels.choice import ISA, KERNEL, available

KERNELS = "spacy_lstm_sentiment.models.kernels"
NATIVE = f"{KERNELS}._lstm"


@pytest.fixture(autouse=True)
def _nothing_forced(monkeypatch):
    monkeypatch.delenv(KERNEL, raising=False)
    monkeypatch.delenv(ISA, raising=False)


@pytest.fixture
def isas():
    return pytest.importorskip(
        NATIVE, reason="not compiled: python setup.py build_ext --inplace"
    ).supported()


@pytest.fixture
def _not_compiled(monkeypatch):
    """As in an installation that found no compiler."""
    monkeypatch.setitem(sys.modules, NATIVE, None)
    monkeypatch.delattr(NATIVE, raising=False)
    monkeypatch.delitem(sys.modules, f"{KERNELS}.native", raising=False)


def test_the_compiled_kernel_comes_first(isas):
    assert [kernel.name for kernel in available()] == [f"native {isas[-1]}", "torch"]


def test_torch_can_be_forced(monkeypatch):
    monkeypatch.setenv(KERNEL, "torch")
    assert [kernel.name for kernel in available()] == ["torch"]


def test_each_instruction_set_can_be_forced(monkeypatch, isas):
    monkeypatch.setenv(KERNEL, "native")
    for isa in isas:
        monkeypatch.setenv(ISA, isa)
        assert available()[0].name == f"native {isa}"


def test_an_instruction_set_that_is_not_there(monkeypatch, isas):
    monkeypatch.setenv(ISA, "mmx")
    with pytest.raises(InputError, match=f"{ISA}=mmx: this .* {', '.join(isas)}$"):
        available()


@pytest.mark.parametrize("wanted", ["Torch", "cuda", "1"])
def test_a_kernel_of_another_name(monkeypatch, wanted):
    monkeypatch.setenv(KERNEL, wanted)
    with pytest.raises(InputError, match=f"{KERNEL}={wanted}: has to be torch or native"):
        available()


@pytest.mark.usefixtures("_not_compiled")
def test_without_a_compiler_torch_reads():
    assert [kernel.name for kernel in available()] == ["torch"]


@pytest.mark.usefixtures("_not_compiled")
def test_a_kernel_that_is_forced_and_not_there_is_one_line(monkeypatch):
    monkeypatch.setenv(KERNEL, "native")
    with pytest.raises(InputError, match="no compiled kernel") as raised:
        available()
    assert "\n" not in str(raised.value)


def test_the_command_says_so_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv(KERNEL, "cuda")
    (tmp_path / "in.txt").write_text("I loved it.\n")
    command = [sys.executable, "-m", "spacy_lstm_sentiment", "score", "in.txt"]
    result = subprocess.run(
        [*command, "--output", "out.csv"], cwd=tmp_path, capture_output=True, text=True
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert f"{KERNEL}=cuda" in result.stderr
