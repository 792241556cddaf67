"""Splits: whatever is cut wherever, and whoever reads it, the rows and their lines are the same."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm_sentiment.bulk.places import Place, are_all, first_of, without_overlaps
from spacy_lstm_sentiment.bulk.reader import Reader, Unread, find_unread
from spacy_lstm_sentiment.bulk.rows import Columns, Inputs, read_split
from spacy_lstm_sentiment.records.blocks import rows_of
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.ranges import Returning
from spacy_lstm_sentiment.records.record import BadRecord
from spacy_lstm_sentiment.records.splits import Split, as_one, lines_before, plan_splits

COLUMNS = Columns("text", None, [])
# Bytes that lines may be made of: ends, marks, brackets, what is no UTF-8, what breaks off.
PIECES = st.sampled_from(
    [
        *(b"\n", b"\r\n", b"\r", b"", b"a", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xa9"),
        *(b'{"text": "good"}\n', b'{"text": "\\n"}\n', b"\0", b"\x85", b"\xe2\x80\xa8"),
        *(b"[{", b"[", b'{"text": {\n'),
    ]
)
CONTENTS = st.lists(PIECES, max_size=60).map(b"".join)


def rows_by(splits: list[Split], dialect: Dialect) -> list[tuple]:
    """All rows of splits, with their lines in the file."""
    found, n_lines = [], []
    for split in splits:
        items = Returning(read_split(Inputs([], dialect), COLUMNS, split))
        found.append(list(rows_of(items)))
        n_lines.append(items.value)
    before = lines_before(splits, n_lines)
    return [
        (type(row), row.source, row.line + n, row.raw, getattr(row, "reason", None))
        for rows, n in zip(found, before, strict=True)
        for row in rows
    ]


@given(contents=CONTENTS, size=st.integers(1, 50), extension=st.sampled_from(["txt", "jsonl"]))
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "gb18030"]
)
def test_any_lines_are_the_same_rows_in_splits_of_any_size(
    tmp_path_factory, contents, size, extension, encoding
):
    path = str(tmp_path_factory.getbasetemp() / f"in.{extension}")
    # A file that is refused as a whole by its first line is so before it is cut.
    Path(path).write_bytes(b"begin\n" + contents)
    dialect = Dialect(encoding)
    splits = plan_splits([path], dialect, False, size)
    assert rows_by(splits, dialect) == rows_by(as_one([path]), dialect)


@given(contents=CONTENTS, mark=st.sampled_from(["utf-8-sig", "utf-16", "utf-32", "utf-8"]))
def test_a_mark_at_the_beginning_says_how_all_splits_are_read(tmp_path_factory, contents, mark):
    path = str(tmp_path_factory.getbasetemp() / "marked.txt")
    text = contents.decode("utf-8", "ignore")
    Path(path).write_bytes(f"begin\n{text}".encode(mark))
    splits = plan_splits([path], Dialect(), False, 7)
    assert rows_by(splits, Dialect()) == rows_by(as_one([path]), Dialect())


def test_a_long_file_is_many_splits_and_short_ones_go_together(tmp_path):
    paths = [tmp_path / f"{n}.txt" for n in range(7)]
    for n, path in enumerate(paths):
        path.write_bytes(b"x\n" * (1000 if n == 3 else 5))
    splits = plan_splits(list(map(str, paths)), Dialect(), False, 100)
    assert [len(split.paths) for split in splits] == [3, *[1] * 20, 3]
    assert sum(split.size for split in splits) == 2060
    assert len(plan_splits(list(map(str, paths)), Dialect(), True, 100)) == 3


@pytest.mark.parametrize("name", ["in.jsonl.gz", "in.csv", "in.tsv"])
def test_tables_and_what_is_compressed_are_whole(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"x" * 1000)
    (split,) = plan_splits([str(path)], Dialect(), False, 100)
    assert split.range is None


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream"])
@pytest.mark.parametrize("size", [1, 1500, 4000, 1 << 20])
def test_columns_are_the_same_rows_in_splits_of_any_size(tmp_path, kind, size):
    table = pa.table({"text": [f"{'good' * 20} {n}" for n in range(230)], "n": range(230)})
    path = str(tmp_path / f"in.{'parquet' if kind == 'parquet' else 'arrow'}")
    if kind == "parquet":
        pq.write_table(table, path, row_group_size=20)
    else:
        write = pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream
        with write(path, table.schema) as file:
            file.write_table(table, max_chunksize=20)
    splits = plan_splits([path], Dialect(), False, size)
    assert rows_by(splits, Dialect()) == rows_by(as_one([path]), Dialect())
    assert len(splits) > 1 or kind == "stream" or size > 4000


def test_a_file_that_is_broken_is_read_to_where_it_breaks_in_one_split(tmp_path):
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": ["good"] * 1000}), path, row_group_size=10)
    path.write_bytes(path.read_bytes()[:-100])
    splits = plan_splits([str(path)], Dialect(), False, 100)
    (row,) = rows_by(splits, Dialect())
    assert row[0] is BadRecord
    assert "broken file" in row[-1]


@pytest.mark.parametrize("change", ["replaced", "cut", "gone"])
@pytest.mark.parametrize("name", ["in.jsonl", "in.parquet"])
def test_of_a_file_that_is_another_now_no_row_is_taken_for_one_of_the_run(tmp_path, change, name):
    if name == "in.parquet" and change == "cut":
        pytest.skip("a file of Parquet that is cut is broken, which a test above has")
    path = tmp_path / name
    write_rows(path, 100, "good")
    splits = plan_splits([str(path)], Dialect(), False, 500)
    assert len(splits) > 3
    if change == "replaced":
        write_rows(tmp_path / f"new.{name}", 100, "evil")
        (tmp_path / f"new.{name}").replace(path)
    elif change == "cut":
        os.truncate(path, path.stat().st_size // 2)
    else:
        path.unlink()
    rows = rows_by(splits[-1:], Dialect())
    assert [row[0] for row in rows] == [BadRecord]
    assert "no longer to be read: " in rows[0][-1]


def test_what_is_appended_to_a_file_is_not_of_the_run(tmp_path):
    path = tmp_path / "in.jsonl"
    write_rows(path, 100, "good")
    splits = plan_splits([str(path)], Dialect(), False, 500)
    before = rows_by(splits, Dialect())
    with path.open("a") as file:
        file.write('{"text": "later"}\n' * 50)
    assert rows_by(splits, Dialect()) == before


def write_rows(path: Path, n: int, word: str) -> None:
    texts = [f"{word} {'x' * 30} {number}" for number in range(n)]
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"text": texts}), path, row_group_size=10)
    else:
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))


@given(
    sizes=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    cuts=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12), st.integers(1, 5))),
    size=st.integers(1, 5),
)
def test_what_is_unread_and_what_is_done_are_all_rows_once(tmp_path_factory, sizes, cuts, size):
    folder = tmp_path_factory.getbasetemp()
    splits = []
    for number, n_rows in enumerate(sizes):
        path = folder / f"{number}.txt"
        path.write_text("".join(f"{number} {n}\n" for n in range(n_rows)))
        splits.append(Split((str(path),), 0))
    done = without_overlaps(
        Place(first_of(s) + a, first_of(s) + min(a + n, sizes[s]), a + n >= sizes[s])
        for s, a, n in cuts
        if s < len(sizes) and a < sizes[s]
    )
    reader = Reader(Inputs([]), COLUMNS, size)
    shards = [s for unread in find_unread(splits, done) for s in reader.read(unread)]
    places = [Place(shard.first, shard.end, shard.is_last) for shard in shards]
    assert are_all(sorted([*places, *done]), len(splits))
    for shard in shards:
        start, rows = shard.first - first_of(shard.first // first_of(1)), list(rows_of(shard.items))
        assert [int(row.raw.split()[1]) for row in rows] == list(range(start, start + len(rows)))
    if not done:  # the cuts are those of the whole split, whatever is asked for
        (piece,) = list(reader.read(Unread(splits[0], 0, 1, 2))) if sizes[0] > 1 else [None]
        assert piece is None or (piece.first, piece.end) == (1, 2)


def test_of_a_file_that_is_cut_while_it_is_read_no_half_row_is_one(tmp_path):
    path = tmp_path / "in.txt"
    path.write_text("".join(f"row {n:04d} in words\n" for n in range(4000)))
    split = plan_splits([str(path)], Dialect(), False, 40_000)[0]
    items = read_split(Inputs([]), COLUMNS, split)
    rows = [next(items) for _ in range(10)]
    os.truncate(path, 20_010)
    rows += items
    assert [row.raw for row in rows[:-1]] == [f"row {n:04d} in words" for n in range(1111)]
    assert isinstance(rows[-1], BadRecord)
    assert "cut short since the run began" in rows[-1].reason


def test_rows_after_a_damaged_group_have_their_numbers(tmp_path):
    path = tmp_path / "in.parquet"
    options = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    texts = [f"{'good' * 20} {n}" for n in range(400)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=100, **options)
    damaged = pq.ParquetFile(path).metadata.row_group(1).column(0)
    with path.open("r+b") as file:
        file.seek(damaged.data_page_offset)
        file.write(b"\xff" * 60)
    expected = {n + 1: text for n, text in enumerate(texts) if not 100 <= n < 200}
    rows = rows_by(plan_splits([str(path)], Dialect(), False, 5000), Dialect())
    good = [row for row in rows if row[0] is not BadRecord]
    assert {row[2]: json.loads(row[3])["text"] for row in good} == expected
    assert [row[2] for row in rows if row[0] is BadRecord] == [101]
    whole = rows_by(as_one([str(path)]), Dialect())  # those before it are not lost with it
    assert [row[2] for row in whole] == list(range(1, 102))
