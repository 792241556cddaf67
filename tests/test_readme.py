"""The README's code blocks, run: Python with its output, and shell commands in a fresh folder."""

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
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line for language, code in BLOCKS if language == "bash" for line in code.strip().splitlines()
]


def test_python_blocks_print_what_the_readme_says():
    namespace: dict[str, object] = {}
    for (language, code), (following, expected) in zip(
        BLOCKS, [*BLOCKS[1:], ("", "")], strict=True
    ):
        if language == "python":
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(code, namespace)
            assert output.getvalue() == (expected if following == "text" else ""), code


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    for name in ("corpus", "configs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.spacy"))
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run_one_after_the_other(folder, command):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    result = subprocess.run(
        command, shell=True, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True
    )
    assert result.returncode == 0, result.stderr.decode()


def test_local_links_lead_somewhere():
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (path.parent / target).exists(), (path.name, target)
