"""Encodings, compressions and lines of any length."""

import bz2
import gzip
import importlib.util
import lzma
import os
import sys

import pytest
from file_rows import fields

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.inputs import find_inputs
from spacy_lstm_sentiment.records.opening import zstd
from spacy_lstm_sentiment.records.reading import read_records


@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_a_nul_byte_is_no_text(read, name):
    head = b"text\n" if name == "a.csv" else b""
    *_, bad, after = read(name, head + b"one\0two\nthree\n")
    assert bad.raw == "one\0two"
    assert bad.reason.startswith("a NUL byte: ")
    assert after.fields == {"text": "three"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize(
    ("name", "data"), [("a.jsonl", '{"text": "é"}\n'), ("a.csv", "text\né\n"), ("a.txt", "é\n")]
)
def test_a_byte_order_mark_tells_the_encoding(read, name, data, encoding):
    assert fields(read(name, data.encode(encoding))) == [{"text": "é"}]


def test_an_encoding_can_be_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("text,n\ncafé,1\n".encode("cp1252"))
    assert fields(read_records(str(path), Dialect("cp1252"))) == [{"text": "café", "n": "1"}]
    path.write_bytes(b"text\ncaf\x81\n")
    (bad,) = read_records(str(path), Dialect("cp1252"))
    assert bad.reason.startswith("not CP1252: ")
    with pytest.raises(InputError, match="--encoding nonsense: no encoding of text"):
        list(read_records(str(path), Dialect("nonsense")))


def test_bytes_that_are_not_utf16_lose_nothing(read):
    data = "ok\n".encode("utf-16") + b"\x00\xd8a\x00\n\x00" + "ok\n".encode("utf-16-le")
    first, bad, last = read("a.txt", data)
    assert (first.fields, last.fields) == ({"text": "ok"}, {"text": "ok"})
    assert bad.raw == "\udc00\udcd8a"
    assert bad.reason.startswith("not UTF-16: save the file as UTF-8")


@pytest.mark.parametrize("whole_file", [False, True])
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
@pytest.mark.parametrize(("named", "real"), [("utf-16", "utf-8-sig"), ("utf-32", "utf-8-sig")])
def test_a_mark_of_another_encoding_than_the_one_named(tmp_path, name, named, real, whole_file):
    path = tmp_path / name
    path.write_bytes('{"text": "é"}\n'.encode(real))
    (bad,) = read_records(str(path), Dialect(named), whole_file)
    assert bad.reason.startswith(f"not {named.upper()}: ")
    assert bad.reason.endswith("the rows from here on are lost, name its --encoding")


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_a_line_that_is_too_long_comes_in_pieces(read, monkeypatch, name):
    monkeypatch.setattr("spacy_lstm_sentiment.records.lines.MAX_LINE", 100)
    good = {"a.txt": "good", "a.jsonl": '{"text": "good"}', "a.csv": "good"}[name]
    lines = [good, "x" * 250, good]
    lines = ["text", *lines] if name == "a.csv" else lines
    *_, first, a, b, c, last = read(name, "\n".join(lines).encode())
    assert first.fields == last.fields == {"text": "good"}
    assert [len(piece.raw) for piece in (a, b, c)] == [100, 100, 50]
    assert [piece.piece for piece in (a, b, c)] == [1, 2, 3]
    assert {piece.line for piece in (a, b, c)} == {first.line + 1}
    assert last.line == first.line + 2


def test_a_row_that_goes_on_in_a_line_that_is_too_long(read, monkeypatch):
    monkeypatch.setattr("spacy_lstm_sentiment.records.lines.MAX_LINE", 100)
    before, piece, rest, after = read("a.csv", b'text\n"one\ntwo' + b"x" * 150 + b'"\nthree\n')
    assert (before.line, before.raw) == (2, '"one')
    assert (piece.line, piece.raw + rest.raw) == (3, "two" + "x" * 150 + '"')
    assert (after.line, after.fields) == (4, {"text": "three"})


COMPRESS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
if importlib.util.find_spec("backports.zstd") or sys.version_info >= (3, 14):
    COMPRESS["zst"] = zstd().compress


@pytest.mark.parametrize("extension", COMPRESS)
def test_every_compression_whole_and_cut_short(tmp_path, extension):
    lines = [os.urandom(40).hex() for _ in range(3000)]
    data = COMPRESS[extension]("\n".join(lines).encode())
    path = tmp_path / f"a.txt.{extension}"
    path.write_bytes(data)
    assert [row.raw for row in read_records(str(path))] == lines
    path.write_bytes(data[: len(data) // 2])
    *good, bad = read_records(str(path))
    assert [row.raw for row in good] == lines[: len(good)]
    assert lines[len(good)].startswith(bad.raw)
    assert bad.reason.startswith("broken ")


def test_a_whole_file_is_one_document(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes(b"one\ntwo\n")
    assert fields(read_records(str(path), whole_file=True)) == [
        {"file": str(path), "text": "one\ntwo\n"}
    ]


def test_folders_patterns_and_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.csv", "a.txt.xz", "c.doc", ".hidden.txt", "d/e.jsonl"):
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert find_inputs(["in"]) == ["in/a.txt.xz", "in/b.csv", "in/d/e.jsonl"]
    assert find_inputs(["in"], whole_file=True) == [
        *("in/a.txt.xz", "in/b.csv", "in/c.doc", "in/d/e.jsonl")
    ]
    assert find_inputs(["in/*.csv", "-", "in/b.csv"]) == ["in/b.csv", "-", "in/b.csv"]
    for name in ("gone.csv", "in/*.tsv"):
        with pytest.raises(InputError, match="no such file"):
            find_inputs([name])
