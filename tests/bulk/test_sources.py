import csv
import gzip
import io
import json
import os
import threading

import pytest
from file_rows import fields
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.reading import read_records
from spacy_lstm_sentiment.records.record import BadRecord, Record, text_of

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
LINES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\0")), min_size=1
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sources")


@pytest.fixture
def read_stdin(monkeypatch):
    def read_stdin(data: bytes) -> list[Record | BadRecord]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        return list(read_records("-"))

    return read_stdin


def as_table(delimiter: str, rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode()


@given(texts=TEXTS)
@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson.gz"])
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_any_text_survives_jsonl(folder, name, ensure_ascii, texts):
    path = folder / name
    lines = [json.dumps({"text": text}, ensure_ascii=ensure_ascii) + "\n" for text in texts]
    data = "".join(lines).encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    rows = list(read_records(str(path)))
    assert [row.fields for row in rows] == [{"text": text} for text in texts]
    assert [row.raw + "\n" for row in rows] == lines


@given(texts=TEXTS)
@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.TSV", "\t")])
def test_any_text_survives_a_table(folder, name, delimiter, texts):
    path = folder / name
    path.write_bytes(as_table(delimiter, [["id", "text"], *(["7", text] for text in texts)]))
    rows = list(read_records(str(path), Dialect(quoting="csv")))
    assert fields(rows) == [{"id": "7", "text": text} for text in texts]
    # A row starts where those before it end, whatever line ends their texts hold.
    assert [row.line for row in rows] == [
        2 + sum(text.count("\n") + 1 for text in texts[:number]) for number in range(len(texts))
    ]


@given(lines=LINES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_line_survives_plain_text(folder, end, lines):
    path = folder / "a.txt"
    path.write_bytes("".join(line + end for line in lines).encode())
    # A byte order mark at the start of the file is no text.
    expected = [lines[0].removeprefix("\ufeff"), *lines[1:]]
    assert fields(read_records(str(path))) == [{"text": line} for line in expected]


def test_a_last_line_without_an_end_and_blank_lines(read):
    assert fields(read("a.txt", b"one\n\n two ")) == [{"text": t} for t in ("one", "", " two ")]
    assert fields(read("a.jsonl", b'{"a": 1}\n \r\n\n{"a": 2}')) == [{"a": 1}, {"a": 2}]
    assert fields(read("a.csv", b"a,b\n\n1,2\r\n\n3,4")) == [
        {"a": "1", "b": "2"},
        {"a": "3", "b": "4"},
    ]
    for name in ("a.txt", "a.jsonl", "a.csv", "a.txt.gz"):
        assert read(name, b"") == []


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.jsonl", '{"text": "é"}\n'), ("a.csv", "text\né\n"), ("a.txt", "é\n")],
)
def test_a_byte_order_mark_is_no_text(read, name, data):
    assert fields(read(name, b"\xef\xbb\xbf" + data.encode())) == [{"text": "é"}]


def test_lines_are_those_of_the_file(read):
    rows = read("a.csv", b'text,n\n"one\ntwo\n",1\n\n"three\r\nfour",2\nfive,6,7\nsix,3\n')
    assert [(row.line, row.raw) for row in rows] == [
        (2, '"one\ntwo\n",1'),
        (6, '"three\r\nfour",2'),
        (8, "five,6,7"),
        (9, "six,3"),
    ]
    assert [row.line for row in read("a.jsonl", b'\n{"text": ""}\n\n\n{}\n')] == [2, 5]


def test_json_keeps_its_own_text_and_types(read):
    raw = '  {"id": 12345678901234567890123, "x": 0.10000000000000000001, "d": [1, {"e": null}]} '
    (row,) = read("a.jsonl", raw.encode())
    assert row.raw == raw
    assert row.fields["id"] == 12345678901234567890123
    assert row.fields["d"] == [1, {"e": None}]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ('{"text": "a"', "broken JSON: Expecting ',' delimiter at character 13"),
        ("plain words", "broken JSON: Expecting value at character 1"),
        ('{"text": "a"} {"text": "b"}', "broken JSON: Extra data at character 15"),
        ('["a"]', 'a JSON value, but no object: write {"text": ...}'),
        ('"a"', "a JSON value, but no object"),
        ('{"text": ' + "[" * 200_000, "JSON beyond what can be read: "),
        ('{"text": ' + "1" * 5000 + "}", "JSON beyond what can be read: "),
    ],
)
def test_a_line_that_is_no_json_object(read, raw, reason):
    before, bad, after = read("a.jsonl", f'{{"a": 1}}\n{raw}\n{{"a": 2}}\n'.encode())
    assert (before.fields, after.fields) == ({"a": 1}, {"a": 2})
    assert isinstance(bad, BadRecord)
    assert (bad.line, bad.raw) == (2, raw)
    assert bad.reason.startswith(reason)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("1", "wrong number of fields: 1, and the header has 2"),
        ("1,2,3", "wrong number of fields: 3, and the header has 2"),
        ('"1"1,2', "broken quoting: "),
        ("1\r2,3", "broken quoting: "),
    ],
)
def test_a_row_that_does_not_fit_the_table(read, raw, reason):
    before, bad, after = read("a.csv", f"a,b\n1,2\n{raw}\n3,4\n".encode())
    assert [row.fields for row in (before, after)] == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    assert (bad.line, bad.raw) == (3, raw)
    assert bad.reason.startswith(reason)


def test_a_quote_that_is_never_closed_is_no_text(read):
    good, bad = read("a.csv", b'a,b\n1,2\n3,"4\n5,6\n')
    assert good.fields == {"a": "1", "b": "2"}
    assert (bad.line, bad.raw) == (3, '3,"4\n5,6')
    assert bad.reason.startswith("broken quoting: the file ends within a field")


def test_long_fields_are_read(read):
    text = "word " * 100_000
    assert fields(read("a.csv", f"text\n{text}\n".encode())) == [{"text": text}]


@pytest.mark.parametrize(
    ("name", "head", "row"),
    [
        ("a.jsonl", b"", b'{"text": "caf%s"}'),
        ("a.csv", b"text,n\n", b'"caf%s",1'),
        ("a.txt", b"", b"caf%s"),
    ],
)
@pytest.mark.parametrize("wrong", [b"\xe9", b"\xed\xa0\x80", b"\xff\xfe"])
def test_bytes_that_are_not_utf8(read, name, head, row, wrong):
    good = row % "é".encode()
    first, bad, last = read(name, head + b"\n".join([good, row % wrong, good]))
    assert [text_of(record, "text") for record in (first, last)] == ["café", "café"]
    assert bad.reason == "not UTF-8: save the file as UTF-8, or name its --encoding"
    assert bad.raw.encode("utf-8", "surrogateescape") == row % wrong
    assert bad.line == first.line + 1


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv.gz", "a.txt.gz"])
def test_a_truncated_gzip_file_gives_what_it_has(tmp_path, name):
    head = b"text\n" if "csv" in name else b""
    # Texts that hardly compress, so that the cut is inside a block of the file.
    rows = [json.dumps({"text": os.urandom(30).hex()}).encode() for _ in range(3000)]
    if "csv" in name:
        rows = [row[10:-2] for row in rows]
    path = tmp_path / name
    data = gzip.compress(head + b"\n".join(rows))
    path.write_bytes(data[: len(data) // 2])
    *good, bad = read_records(str(path))
    assert 1000 < len(good) < 2000
    assert [row.raw.encode() for row in good] == rows[: len(good)]
    assert bad.reason.startswith("broken gzip file: Compressed file ended before")
    assert bad.line == good[-1].line + 1


@pytest.mark.parametrize(
    "data", [b"no gzip at all", gzip.compress(b"one\ntwo\n", mtime=0)[:-6] + b"\0" * 6]
)
def test_a_broken_gzip_file_is_one_bad_record(tmp_path, data):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(data)
    *good, bad = read_records(str(path))
    assert [row.raw for row in good] == (["one", "two"] if data[:1] == b"\x1f" else [])
    assert bad.reason.startswith("broken gzip file: ")


def test_standard_input_is_jsonl_or_plain_text(read_stdin):
    assert read_stdin(b'\xef\xbb\xbf\n  {"a": 1}\nno\n')[0].fields == {"a": 1}
    assert [row.line for row in read_stdin(b'\n\n{"a": 1}\n{"a": 2}\n')] == [3, 4]
    assert fields(read_stdin(b'\nwords\n{"a": 1}\n')) == [
        {"text": text} for text in ("", "words", '{"a": 1}')
    ]
    assert read_stdin(b"") == []
    assert read_stdin(b"one")[0] == Record("-", 1, "one", {"text": "one"})


def test_standard_input_streams(monkeypatch):
    read_end, write_end = os.pipe()
    with os.fdopen(write_end, "wb", buffering=0) as writer, os.fdopen(read_end) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        writer.write(b'{"a": 1}\n')
        # A reader that waited for more than the first line would hang: the pipe closes in the end.
        hung = threading.Timer(20, writer.close)
        hung.start()
        assert next(read_records("-")).fields == {"a": 1}
        assert not writer.closed
        hung.cancel()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.jsonl", "gone.jsonl: no such file"),
        ("gone.csv.gz", "gone.csv.gz: no such file"),
        ("folder.csv", "folder.csv: a folder: name the files in it"),
        ("a.doc", "a.doc: no known extension: name it .jsonl, .ndjson, .csv, .tsv, .txt"),
        ("a.gz", "a.gz: no known extension"),
        ("twice.csv", 'twice.csv:1: two columns are named "a": rename one'),
        ("latin.csv", "latin.csv:1: the header is not UTF-8"),
        ("quoted.csv", "quoted.csv:1: the header has broken quoting"),
    ],
)
def test_files_that_cannot_be_read_at_all(tmp_path, name, message):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "twice.csv").write_bytes(b"a,b,a\n1,2,3\n")
    (tmp_path / "latin.csv").write_bytes(b"a,\xe9\n1,2\n")
    (tmp_path / "quoted.csv").write_bytes(b'a,"b"b\n1,2\n')
    with pytest.raises(InputError) as raised:
        list(read_records(str(tmp_path / name)))
    assert str(raised.value).startswith(f"{tmp_path}/{message}")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, 'no text: field "text" is null'),
        (float("nan"), 'no text: field "text" is null'),
        ("", 'no text: field "text" is empty'),
        ("\u200b \n", 'no text: field "text" is blank'),
        (1.5, 'field "text" is no text: it has to be a string, not 1.5'),
        ({"a": "b" * 99}, 'field "text" is no text: it has to be a string, not {"a": "bbb'),
        ("\ud83d", 'field "text" is no Unicode text: it has half a surrogate pair'),
    ],
)
def test_a_field_that_is_no_text(value, reason):
    bad = text_of(Record("a.jsonl", 3, "raw", {"text": value}), "text")
    assert isinstance(bad, BadRecord)
    assert (bad.source, bad.line, bad.raw) == ("a.jsonl", 3, "raw")
    assert bad.reason.startswith(reason)
    assert len(bad.reason) < 110


def test_a_field_that_is_not_there():
    record = Record("a.jsonl", 3, "raw", {"body": "a", "n": 1})
    assert text_of(record, "body") == "a"
    bad = text_of(record, "text")
    assert bad.reason == 'no field "text": name the one with the text, of body, n'
