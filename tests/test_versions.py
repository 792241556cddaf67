"""One version and one date, wherever they are written."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_version_is_one():
    (version,) = re.findall(r'version="(.+)"', (ROOT / "setup.py").read_text(encoding="utf-8"))
    newest = re.search(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", CHANGES, re.MULTILINE)
    assert newest
    assert newest[1] == CITATION["version"] == version
    assert newest[2] == CITATION["date-released"].isoformat()


def test_every_version_has_its_date_and_the_newest_comes_first():
    headings = re.findall(r"^## (.*)$", CHANGES, re.MULTILINE)
    dates = re.findall(r"^## \S+ \((\d{4}-\d\d-\d\d)\)$", CHANGES, re.MULTILINE)
    assert len(dates) == len(headings)
    assert dates == sorted(dates, reverse=True)
