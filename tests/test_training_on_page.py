"""docs/training_on.md, run from its first step to its last."""

import shutil

import srsly
from pages import ROOT, blocks_of, run_blocks

CORPUS = ROOT / "corpus"


def test_all_steps_run(tmp_path):
    shutil.copytree(CORPUS, tmp_path / "corpus", ignore=shutil.ignore_patterns("*.spacy"))
    run_blocks(blocks_of("docs/training_on.md"), tmp_path)


def test_the_tickets_are_as_many_as_the_page_says_and_no_other_text():
    parts = {path.stem: list(srsly.read_jsonl(path)) for path in CORPUS.glob("*.jsonl")}
    own, measured = parts.pop("tickets"), parts.pop("tickets_test")
    assert (len(own), len(measured)) == (200, 100)
    for rows in (own, measured):
        assert {row["label"] for row in rows} == {"POSITIVE", "NEGATIVE", "NEUTRAL"}
    texts = [row["text"].casefold() for row in [*own, *measured]]
    others = {row["text"].casefold() for rows in parts.values() for row in rows}
    assert len(set(texts)) == 300
    assert not others.intersection(texts)
