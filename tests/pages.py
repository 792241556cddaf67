"""Pages of Markdown, whose code blocks are run: Python with its output, and the shell's."""

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import warm_start

ROOT = Path(__file__).parents[1]
Block = tuple[str, str]


def blocks_of(page: str) -> list[Block]:
    """The language and the code of each block of a page, by its path in the repository."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def run_blocks(blocks: list[Block], folder: Path) -> None:
    """Run what is bash or Python in a folder, one after the other.

    What a block of Python prints has to be the block of text that follows, or nothing.
    """
    namespace: dict[str, Any] = {}
    for (language, code), (following, expected) in zip(
        blocks, [*blocks[1:], ("", "")], strict=True
    ):
        if language == "bash":
            result = run_shell(folder, code)
            assert result.returncode == 0, (code, result.stdout, result.stderr)
        elif language == "python":
            output = run_python(folder, code, namespace)
            assert output == (expected if following == "text" else ""), code


def run_shell(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run a script with the commands of this Python's environment; it ends at the first failure."""
    folders = [warm_start.bin_folder(), str(Path(sys.executable).parent), os.environ["PATH"]]
    path = os.pathsep.join(folders)
    environment = {**os.environ, "PATH": path}
    command = ["bash", "-e", "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def run_python(folder: Path, code: str, namespace: dict[str, Any]) -> str:
    """Run code in a folder; what it prints."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(code, namespace)
    finally:
        os.chdir(before)
    return output.getvalue()
