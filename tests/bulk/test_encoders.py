import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm_sentiment.bulk.sinks.encoders import encode_reject, json_texts
from spacy_lstm_sentiment.bulk.sinks.formats import FormatOptions, TableFormat, choose_format
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.record import BadRecord, JsonRecord, Record

RESULTS = {"label": "POSITIVE", "score": 0.9, "sentiment": 0.8}
UNICODE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def row(fields: dict) -> Record:
    return Record("a.csv", 2, "", fields)


def json_row(raw: str) -> JsonRecord:
    return JsonRecord("a.jsonl", 2, raw, json.loads(raw))


def encode(extension: str, *records: Record) -> str:
    format = FormatOptions(extension, list(RESULTS)).format(records[0])
    encoder = format.encoder()
    for record in records:
        encoder.add(record, [list(RESULTS.values())])
    header = io.BytesIO()
    format.join([], header)
    return (header.getvalue() + encoder.finish()).decode()


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
    out = encode(".jsonl", json_row(raw))
    assert out == line % results
    assert json.loads(out) == {**json.loads(raw), **RESULTS}


@given(fields=st.dictionaries(UNICODE.filter(lambda name: name not in RESULTS), UNICODE))
def test_fields_of_a_table_survive_jsonl(fields):
    out = encode(".jsonl", row(fields))
    assert out.endswith("\n")
    assert list(json.loads(out).items()) == [*fields.items(), *RESULTS.items()]


@given(texts=st.lists(UNICODE, min_size=1))
def test_fields_survive_csv(texts):
    out = encode(".csv", *(row({"id": "01", "text": text}) for text in texts))
    rows = list(csv.reader(io.StringIO(out, newline=""), strict=True))
    assert rows[0] == ["id", "text", "label", "score", "sentiment"]
    assert rows[1:] == [["01", text, "POSITIVE", "0.9", "0.8"] for text in texts]


@given(texts=st.lists(UNICODE.filter(lambda text: not set(text) & set("\t\n\r")), min_size=1))
def test_fields_survive_tsv_which_has_no_quotes(texts):
    out = encode(".tsv", *(row({"id": "01", "text": text}) for text in texts))
    rows = [line.split("\t") for line in out.split("\n")]
    assert rows[0] == ["id", "text", "label", "score", "sentiment"]
    assert rows[1:-1] == [["01", text, "POSITIVE", "0.9", "0.8"] for text in texts]


@pytest.mark.parametrize("text", ["two\nlines", "a\ttab", "a\r"])
def test_what_tsv_cannot_hold(text):
    encoder = TableFormat(["text"], list(RESULTS), "\t").encoder()
    with pytest.raises(ValueError, match="which TSV cannot hold; write CSV"):
        encoder.add(row({"text": text}), [list(RESULTS.values())])
    with pytest.raises(InputError, match=r"a\.csv: the names of its columns: a tab or a line end"):
        FormatOptions(".tsv", list(RESULTS)).format(row({text: "good"}))


def test_json_values_in_a_table():
    raw = '{"d": {"é": [1, null]}, "n": null, "t": true, "i": 12345678901234567890, "x": 0.5}'
    assert encode(".tsv", json_row(raw)) == (
        "d\tn\tt\ti\tx\tlabel\tscore\tsentiment\n"
        '{"é": [1, null]}\t\ttrue\t12345678901234567890\t0.5\tPOSITIVE\t0.9\t0.8\n'
    )


def test_numbers_keep_every_digit_in_a_table():
    raw = '{ "x" : 1.10000000000000000001 ,"e":1e400, "d":{"y": 0.10}, "s": "\\u00e9" }'
    line = encode(".csv", json_row(raw)).splitlines()[1]
    assert line == '1.10000000000000000001,1e400,"{""y"": 0.10}",é,POSITIVE,0.9,0.8'


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_subnormal=False)
    | UNICODE,
    lambda values: st.lists(values) | st.dictionaries(UNICODE, values),
    max_leaves=8,
)


@given(fields=st.dictionaries(UNICODE, JSON_VALUES, max_size=4), indent=st.sampled_from([None, 1]))
def test_the_text_of_each_json_value_is_found(fields, indent):
    texts = json_texts(json.dumps(fields, indent=indent))
    assert {name: json.loads(text) for name, text in texts.items()} == fields


def test_a_table_takes_rows_of_its_columns_alone():
    encoder = TableFormat(["id", "text"], list(RESULTS), ",").encoder()
    results = [list(RESULTS.values())]
    for fields in ({"text": "b"}, {"id": "2", "text": "b", "x": ""}, {"id": "2", "body": "b"}):
        with pytest.raises(ValueError, match="other columns than the first row's: "):
            encoder.add(row(fields), results)
    for text, reason in (("\ud83d", "half a surrogate pair; write JSONL"), ("\0", "a NUL")):
        with pytest.raises(ValueError, match=reason):
            encoder.add(row({"id": "1", "text": text}), results)
    encoder.add(row({"text": "b", "id": "2"}), results)
    assert encoder.finish() == b"2,b,POSITIVE,0.9,0.8\n"


def test_rejects_are_json_whatever_they_hold():
    raw = b'caf\xe9 "\xff" \xc3\xa9'.decode("utf-8", "surrogateescape")
    line = encode_reject(BadRecord("a.txt", 3, raw, "not UTF-8: save it"))
    assert "é".encode() in line
    members = json.loads(line)
    assert members.pop("raw").encode("utf-8", "surrogateescape") == b'caf\xe9 "\xff" \xc3\xa9'
    assert members == {"source": "a.txt", "line": 3, "reason": "not UTF-8: save it"}


@pytest.mark.parametrize("name", ["out.txt", "out", "out.gz"])
def test_unknown_outputs(name):
    with pytest.raises(InputError, match=f"^{name}: no known extension: name it .jsonl, .csv"):
        choose_format(name)
