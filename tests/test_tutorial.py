"""docs/tutorial.md, run from its first step to its last, in a fresh folder."""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)
FILES = [
    *("lengths.png", "stats.html", "curves.png", "curves.html", "tuning.html", "tuning/best.cfg"),
    *("why.html", "evaluation.html", "evaluation.png", "training/tensorboard"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder after all steps."""
    folder = tmp_path_factory.mktemp("tutorial")
    for name in ("corpus", "configs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.spacy"))
    namespace: dict[str, object] = {}
    for (language, code), (following, expected) in zip(
        BLOCKS, [*BLOCKS[1:], ("", "")], strict=True
    ):
        if language == "bash":
            run_shell(folder, code)
        elif language == "python":
            output = run_python(folder, code, namespace)
            assert output == (expected if following == "text" else ""), code
    return folder


def run_shell(folder, code):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}
    command = ["bash", "-e", "-c", code]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, (code, result.stdout, result.stderr)


def run_python(folder, code, namespace):
    before = Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(code, namespace)
    finally:
        os.chdir(before)
    return output.getvalue()


def test_all_steps_run(folder):
    missing = [name for name in FILES if not (folder / name).exists()]
    assert not missing


def test_the_pictures_are_there_and_have_words():
    pictures = re.findall(r"!\[([^]]*)\]\(([^)]+)\)", TUTORIAL)
    assert len(pictures) >= 2
    for words, path in pictures:
        assert len(words) > 60
        assert (ROOT / "docs" / path).read_bytes().startswith(b"\x89PNG")


def test_the_lines_of_the_config_are_those_of_the_file():
    config = (ROOT / "configs" / "tutorial.cfg").read_text(encoding="utf-8").splitlines()
    (excerpt,) = (code for language, code in BLOCKS if language == "ini")
    assert [line for line in excerpt.splitlines() if line and line not in config] == []
