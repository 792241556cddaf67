import csv
import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm_sentiment.bulk.engine import ScoredRecord, Scores
from spacy_lstm_sentiment.bulk.sinks import choose_encoder, encode_reject, open_output, partial_path
from spacy_lstm_sentiment.bulk.sources import BadRecord, JsonRecord, Record
from spacy_lstm_sentiment.errors import InputError

SCORES = Scores("POSITIVE", 0.9, 0.8)
RESULTS = {"label": "POSITIVE", "score": 0.9, "sentiment": 0.8}
UNICODE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def scored(fields: dict, raw: str = "") -> ScoredRecord:
    return ScoredRecord(Record("a.csv", 2, raw, fields), SCORES)


def scored_json(raw: str) -> ScoredRecord:
    return ScoredRecord(JsonRecord("a.jsonl", 2, raw, json.loads(raw)), SCORES)


def encode(name: str, *records: ScoredRecord) -> str:
    encoder = choose_encoder(name)
    return b"".join(map(encoder, records)).decode()


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ('{"text":"a"}', '{"text":"a", %s\n'),
        ('  { "text" :  "a" }  ', '  { "text" :  "a" , %s\n'),
        ("{}", "{%s\n"),
        (
            '{"n": 1e400, "id": 123456789012345678901}',
            '{"n": 1e400, "id": 123456789012345678901, %s\n',
        ),
        ('{"x": 1.00000000000000000001}', '{"x": 1.00000000000000000001, %s\n'),
        ('{"a": 1, "a": "}"}', '{"a": 1, "a": "}", %s\n'),
        ('{"half": "\\ud83d"}', '{"half": "\\ud83d", %s\n'),
    ],
)
def test_json_keeps_its_own_text(raw, line):
    results = '"label": "POSITIVE", "score": 0.9, "sentiment": 0.8}'
    out = encode("-", scored_json(raw))
    assert out == line % results
    assert json.loads(out) == {**json.loads(raw), **RESULTS}


@given(fields=st.dictionaries(UNICODE.filter(lambda name: name not in RESULTS), UNICODE))
def test_fields_of_a_table_survive_jsonl(fields):
    out = encode("out.jsonl", scored(fields))
    assert out.endswith("\n")
    assert list(json.loads(out).items()) == [*fields.items(), *RESULTS.items()]


@given(texts=st.lists(UNICODE, min_size=1))
@pytest.mark.parametrize(("name", "delimiter"), [("out.csv", ","), ("out.tsv.gz", "\t")])
def test_fields_survive_a_table(name, delimiter, texts):
    out = encode(name, *(scored({"id": "01", "text": text}) for text in texts))
    rows = list(csv.reader(io.StringIO(out, newline=""), delimiter=delimiter, strict=True))
    assert rows[0] == ["id", "text", "label", "score", "sentiment"]
    assert rows[1:] == [["01", text, "POSITIVE", "0.9", "0.8"] for text in texts]


def test_json_values_in_a_table():
    raw = '{"d": {"é": [1, null]}, "n": null, "t": true, "i": 12345678901234567890, "x": 0.5}'
    assert encode("out.tsv", scored_json(raw)) == (
        "d\tn\tt\ti\tx\tlabel\tscore\tsentiment\n"
        '"{""é"": [1, null]}"\t\ttrue\t12345678901234567890\t0.5\tPOSITIVE\t0.9\t0.8\n'
    )


def test_the_first_row_fixes_the_columns_of_a_table():
    encoder = choose_encoder("out.csv")
    encoder(scored({"id": "1", "text": "a"}))
    assert encoder(scored({"text": "b", "id": "2"})) == b"2,b,POSITIVE,0.9,0.8\n"
    for fields in ({"text": "b"}, {"id": "2", "text": "b", "x": ""}, {"id": "2", "body": "b"}):
        with pytest.raises(ValueError, match="other columns than the first row's: "):
            encoder(scored(fields))
    assert encoder(scored({"id": "3", "text": "c"})) == b"3,c,POSITIVE,0.9,0.8\n"


def test_half_a_surrogate_pair_fits_no_table_and_spoils_no_header():
    encoder = choose_encoder("out.csv")
    with pytest.raises(ValueError, match="half a surrogate pair; write JSONL"):
        encoder(scored({"text": "a", "emoji": "\ud83d"}))
    assert encoder(scored({"text": "a"})).startswith(b"text,label,score,sentiment\n")


def test_rejects_are_json_whatever_they_hold():
    raw = b'caf\xe9 "\xff" \xc3\xa9'.decode("utf-8", "surrogateescape")
    line = encode_reject(BadRecord("a.txt", 3, raw, "not UTF-8: save it"))
    assert "é".encode() in line
    members = json.loads(line)
    assert members.pop("raw").encode("utf-8", "surrogateescape") == b'caf\xe9 "\xff" \xc3\xa9'
    assert members == {"source": "a.txt", "line": 3, "reason": "not UTF-8: save it"}


def test_files_get_their_names_when_they_are_complete(tmp_path):
    out = tmp_path / "new" / "folder" / "out.jsonl"
    rejects = out.with_name("out.jsonl.rejects.jsonl")
    with open_output(str(out)) as (write, write_reject):
        write(b"row\n")
        write_reject(b"reject\n")
        assert not out.exists()
        assert not rejects.exists()
    assert out.read_bytes() == b"row\n"
    assert rejects.read_bytes() == b"reject\n"
    assert {path.name for path in out.parent.iterdir()} == {out.name, rejects.name}


def test_without_rejects_there_is_no_file_of_them_nor_an_old_one(tmp_path):
    out = tmp_path / "out.csv.gz"
    old = tmp_path / "out.csv.gz.rejects.jsonl"
    old.write_text("of an earlier run")
    with open_output(str(out)) as (write, _):
        write(b"row\n")
    assert gzip.decompress(out.read_bytes()) == b"row\n"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize(("name", "read"), [("a.jsonl", bytes), ("a.jsonl.gz", gzip.decompress)])
def test_an_error_leaves_what_there_is_under_another_name(tmp_path, capsys, name, read):
    out = tmp_path / name
    out.write_bytes(b"of an earlier run")

    def fail() -> None:
        with open_output(str(out)) as (write, _):
            write(b"row\n")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert out.read_bytes() == b"of an earlier run"
    assert read(partial_path(out).read_bytes()) == b"row\n"
    assert {path.name for path in tmp_path.iterdir()} == {name, f"{name}.partial"}
    assert f"What was written so far is in {partial_path(out)}" in capsys.readouterr().err


def test_equal_rows_make_equal_files(tmp_path):
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        with open_output(str(tmp_path / name)) as (write, _):
            write(b"row\n")
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_standard_output_and_error(capfdbinary):
    with open_output("-") as (write, write_reject):
        write("é\n".encode())
        write_reject(b"reject\n")
    assert capfdbinary.readouterr() == ("é\n".encode(), b"reject\n")


@pytest.mark.parametrize("name", ["out.txt", "out", "out.gz", "out.parquet"])
def test_unknown_outputs(name):
    with pytest.raises(InputError, match=f"^{name}: no known extension: name it .jsonl, .csv"):
        choose_encoder(name)
