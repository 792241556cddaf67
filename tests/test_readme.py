"""The README's code blocks, run: Python with its output, and shell commands in a fresh folder."""

import re
import shutil

from pages import ROOT, blocks_of, run_blocks, run_shell

BLOCKS = blocks_of("README.md")
COMMANDS = [
    line for language, code in BLOCKS if language == "bash" for line in code.strip().splitlines()
]


def test_python_blocks_print_what_the_readme_says(tmp_path):
    run_blocks([block for block in BLOCKS if block[0] in ("python", "text")], tmp_path)


def test_commands_run_one_after_the_other(tmp_path):
    for name in ("corpus", "configs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.spacy"))
    for command in COMMANDS:
        result = run_shell(tmp_path, command)
        assert result.returncode == 0, (command, result.stderr)


def test_local_links_lead_somewhere():
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (path.parent / target).exists(), (path.name, target)
