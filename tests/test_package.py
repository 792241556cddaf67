"""The wheel, installed without the source tree."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from shutil import which

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "spacy_lstm_sentiment"


def run(*command, cwd, **environment):
    environment = {**os.environ, **environment}
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


NO_COMPILER = {"CC": "false", "CXX": "false"}


@pytest.fixture(scope="module", params=["compiler", "no compiler"])
def wheel(request, tmp_path_factory):
    """Built with the compiled kernel, and without one, from a tree that has built nothing."""
    if request.param == "compiler" and not (which("g++") or which("clang++")):
        pytest.skip("needs a C++ compiler: apt-get install g++")
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    built = shutil.ignore_patterns("*.so", "*.pyd", "*.cpp", "__pycache__")
    for name in (PACKAGE, "configs"):
        shutil.copytree(ROOT / name, source / name, ignore=built)
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, source)
    run(
        *(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source),
        cwd=folder,
        **({} if request.param == "compiler" else NO_COMPILER),
    )
    (path,) = folder.glob("*.whl")
    names = zipfile.ZipFile(path).namelist()
    compiled = [name for name in names if name.endswith((".so", ".pyd"))]
    assert len(compiled) == (2 if request.param == "compiler" else 0)
    return path


def test_wheel_holds_the_pipeline_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "spacy_lstm_sentiment/pretrained/config.cfg" in names
    assert "spacy_lstm_sentiment/models/pytorch/lstm.py" in names
    assert "spacy_lstm_sentiment/configs/lstm.cfg" in names
    assert "spacy_lstm_sentiment/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "corpus/", "benchmarks/"))]
    assert not [name for name in names if name.endswith(".cpp")]


def test_installed_wheel_works_without_the_tree(wheel, tmp_path):
    """In an environment of its own, which borrows only the dependencies of this one."""
    venv.create(tmp_path / "env", with_pip=False)
    site = next((tmp_path / "env").glob("lib/python*/site-packages"), None)
    site = site or tmp_path / "env" / "Lib" / "site-packages"
    zipfile.ZipFile(wheel).extractall(site)
    dependencies = tmp_path / "dependencies"
    dependencies.mkdir()
    for path in Path(pytest.__file__).parents[1].iterdir():
        if "spacy_lstm_sentiment" not in path.name:
            (dependencies / path.name).symlink_to(path)
    (site / "dependencies.pth").write_text(str(dependencies))
    folder = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    python = folder / "python"
    (tmp_path / "in.txt").write_text("I loved it.\nA dreadful bore.\n")
    run(
        *(python, "-m", "spacy_lstm_sentiment", "score", "in.txt", "--output", "out.jsonl"),
        cwd=tmp_path,
    )
    assert '"label": "POSITIVE"' in (tmp_path / "out.jsonl").read_text().splitlines()[0]
    code = (
        "import spacy, spacy_lstm_sentiment as s; print(s.__file__); nlp = s.load();"
        "print(spacy.blank('en').add_pipe('lstm_sentiment', source=nlp).labels)"
    )
    output = run(python, "-W", "ignore", "-c", code, cwd=tmp_path)
    assert str(site) in output
    assert "POSITIVE" in output
