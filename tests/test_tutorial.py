"""docs/tutorial.md, run from its first step to its last, in a fresh folder."""

import re
import shutil

import pytest
from pages import ROOT, blocks_of, run_blocks

TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
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
    run_blocks(blocks_of("docs/tutorial.md"), folder)
    return folder


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
    (excerpt,) = (code for language, code in blocks_of("docs/tutorial.md") if language == "ini")
    assert [line for line in excerpt.splitlines() if line and line not in config] == []
