"""Columns of places in dictionaries, of any size, in one file or several."""

import pytest
from arrow_tables import dictionary, read, score, write

pa = pytest.importorskip("pyarrow")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("target", ["out.parquet", "out.arrow"])
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("n_entries", [5, 2500])
def test_a_dictionary_of_any_size(nlp, target, ordered, n_entries):
    entries = [f"e{number}" for number in range(n_entries)]
    places = [(number * 7) % n_entries for number in range(1200)]
    column = dictionary(entries, places, ordered=ordered)
    write(pa.table({"text": ["good"] * 1200, "x": column}), "in.arrow")
    score(nlp, ["in.arrow"], target)
    after = read(target)["x"]
    assert after.type == column.type
    assert after.to_pylist() == column.to_pylist()
    if ordered or n_entries == 5:
        assert all(chunk.dictionary.to_pylist() == entries for chunk in after.chunks)


@pytest.mark.parametrize("target", ["out.parquet", "out.arrow"])
def test_dictionaries_of_several_files_are_one(nlp, target):
    wide = []
    for name in ("a", "b"):
        entries = [f"{name}{number}" for number in range(100)]
        wide += entries
        column = dictionary(entries, list(range(100)), pa.int8())
        write(pa.table({"text": ["good"] * 100, "x": column}), f"{name}.arrow")
    score(nlp, ["a.arrow", "b.arrow"], target)
    after = read(target)["x"]
    assert pa.types.is_dictionary(after.type)
    assert after.to_pylist() == wide


@pytest.mark.parametrize("target", ["out.parquet", "out.arrow"])
def test_a_dictionary_with_a_null_in_it(nlp, target):
    column = dictionary(["a", None], [0, 1, 0])
    write(pa.table({"text": ["good"] * 3, "x": column}), "in.arrow")
    score(nlp, ["in.arrow"], target)
    assert read(target)["x"].to_pylist() == ["a", None, "a"]
