"""README.md and docs/start.md, run from their first block to their last; the links of all pages."""

import re
import shutil
from functools import lru_cache
from pathlib import Path

import pytest
from pages import ROOT, blocks_of, run_blocks

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")


@pytest.mark.parametrize("page", ["README.md", "docs/start.md"])
def test_all_blocks_run(page, tmp_path):
    for name in ("corpus", "configs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.spacy"))
    run_blocks(blocks_of(page), tmp_path)


def test_the_readme_has_two_screens():
    assert len(README.splitlines()) <= 90
    assert len(README.encode()) <= 6000


def test_the_sentences_at_the_top_score_as_their_page_says():
    language, code = blocks_of("README.md")[0]
    shown = re.findall(r"^(\w+) +(\S+)  (.+)$", code, re.MULTILINE)
    assert (language, len(shown)) == ("text", len(code.splitlines()))
    scored = (ROOT / "docs" / "first_sentences.md").read_text(encoding="utf-8")
    for label, score, sentence in shown:
        (ours,) = re.findall(rf"^\| {re.escape(sentence)} \| \w+ \| (.+?) \|", scored, re.MULTILINE)
        assert ours.strip("*") == f"{label} {score}"


@lru_cache
def headings(path: Path) -> set[str]:
    """The fragments that lead to the headings of a page, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_local_links_lead_somewhere(path):
    for target, fragment in LINK.findall(path.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        there = path.parent / target if target else path
        assert there.exists(), target
        assert not fragment or fragment in headings(there), f"{target}#{fragment}"


def test_every_page_is_linked_from_the_readme_or_from_where_one_starts():
    start = ROOT / "docs" / "start.md"
    linked = {
        (path.parent / target).resolve()
        for path in (ROOT / "README.md", start)
        for target, _ in LINK.findall(path.read_text(encoding="utf-8"))
    }
    assert set((ROOT / "docs").glob("*.md")) - linked == set()
