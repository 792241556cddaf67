"""docs/insights.md, run from its first step to its last; what is hidden in its corpus is found."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from pages import ROOT, blocks_of, run_blocks

DOCS = (ROOT / "docs" / "insights.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder after all steps."""
    folder = tmp_path_factory.mktemp("insights")
    (folder / "corpus").mkdir()
    shutil.copy(ROOT / "corpus" / "shop.csv", folder / "corpus")
    run_blocks(blocks_of("docs/insights.md"), folder)
    return folder


def test_what_is_hidden_is_found(folder):
    data = json.loads((folder / "report.json").read_text())
    changes = {row["group"]: row["start"] for row in data["changes"]}
    assert changes == {"Poland": "2026-08-03", "Lantern": "2026-06-01"}
    assert "Spain" in {row["group"] for row in data["differences"]}
    for group, words in {
        "Poland": {"checkout", "card"},
        "Lantern": {"battery", "charging"},
        "Spain": {"delivery"},
    }.items():
        assert {r["phrase"] for r in data["phrases"] if r["group"] == group} >= words
    movers = {(row["group"], row["word"]) for row in data["movers"]}
    assert movers >= {("Lantern", "battery"), ("Spain", "delivery")}


def test_the_first_screen_says_what_where_and_in_which_words(folder):
    page = (folder / "report.html").read_text()
    head = re.sub(r"<[^>]+>", " ", page[page.index("<h1>") : page.index("<svg")])
    for word in ("Poland", "week of 2026-08-03", "checkout", "Lantern", "week of 2026-06-01"):
        assert word in head


def test_the_corpus_is_what_its_script_writes(tmp_path):
    script = ROOT / "scripts" / "shop_corpus.py"
    subprocess.run([sys.executable, script, tmp_path / "shop.csv"], check=True)
    assert (tmp_path / "shop.csv").read_bytes() == (ROOT / "corpus" / "shop.csv").read_bytes()


def test_the_picture_is_there_and_has_words():
    ((words, path),) = re.findall(r"!\[([^]]*)\]\(([^)]+)\)", DOCS)
    assert len(words) > 60
    assert (ROOT / "docs" / path).read_bytes().startswith(b"\x89PNG")
