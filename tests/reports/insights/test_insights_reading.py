"""Scored rows of all formats, as they are counted."""

import bz2
import csv
import gzip
import io
import json
import lzma
import re
from html import unescape
from pathlib import Path

import pandas
import polars
import pyarrow as pa
import pytest
from pyarrow import ipc, parquet
from scored_rows import scored_rows, write_rows

import spacy_lstm_sentiment
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.opening import zstd

ROWS = [{**row, "text": f'{row["text"]}, "quoted"\nand a second line'} for row in scored_rows(300)]
TEXTS = (".jsonl", ".csv")
COMPRESS = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: zstd().compress(data),
}


def write(path, rows):
    """As the extension says."""
    kind = path.name.partition(".")[2].split(".")[0]
    if kind == "parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
        return path
    if kind == "arrow":
        table = pa.Table.from_pylist(rows)
        with ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
        return path
    buffer = io.StringIO(newline="")
    if kind == "jsonl":
        buffer.write("".join(json.dumps(row) + "\n" for row in rows))
    elif kind == "csv":
        writer = csv.DictWriter(buffer, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        lines = [
            [str(c).replace("\n", " ") for c in r] for r in (rows[0], *(r.values() for r in rows))
        ]
        buffer.write("".join("\t".join(line) + "\n" for line in lines))
    path.write_bytes(
        COMPRESS[path.suffix if path.suffix in COMPRESS else ""](buffer.getvalue().encode())
    )
    return path


def tables(data, **options):
    asked = {"by": ["product", "country"], "time": "date", **options}
    return {
        name: table.to_pylist()
        for name, table in spacy_lstm_sentiment.insights(data, **asked).tables().items()
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("expected")
    return tables(write_rows(folder / "rows.jsonl", ROWS))


def test_counts_are_those_of_the_rows(expected):
    for row in expected["groups"]:
        members = [r for r in ROWS if r[row["column"]] == row["group"]]
        assert row["rows"] == len(members)
        negative = sum(r["label"] == "NEGATIVE" for r in members) / len(members)
        assert row["negative"] == pytest.approx(negative)
        mean = sum(r["sentiment"] for r in members) / len(members)
        assert row["sentiment"] == pytest.approx(mean)
    whole = [row for row in expected["periods"] if row["column"] is None]
    assert sum(row["rows"] for row in whole) == len(ROWS)
    assert [row["period"] for row in whole] == sorted({row["date"][:7] for row in ROWS})


@pytest.mark.parametrize(
    "name",
    [
        *(f"rows{kind}{suffix}" for kind in TEXTS for suffix in COMPRESS),
        *("rows.tsv", "rows.tsv.gz", "rows.parquet", "rows.arrow"),
        *("rows[1]*.jsonl", "it's.csv"),
    ],
)
def test_formats_say_the_same(name, tmp_path, expected):
    assert same(tables(write(tmp_path / name, ROWS)), expected)


def same(found, expected):
    """Sums of floats depend on the order of the rows in the last digits."""
    for name, rows in expected.items():
        assert len(found[name]) == len(rows)
        for mine, theirs in zip(found[name], rows, strict=True):
            assert mine == pytest.approx(theirs, abs=1e-9)
    return True


def test_a_folder_of_parts_of_several_formats(tmp_path, expected):
    (tmp_path / "parts" / "deep").mkdir(parents=True)
    for number, name in enumerate(("a.jsonl", "b.csv.gz", "deep/c.parquet")):
        write(tmp_path / "parts" / name, ROWS[number::3])
    (tmp_path / "parts" / "a.jsonl.rejects.jsonl").write_text('{"reason": "no text"}\n')
    assert same(tables(tmp_path / "parts"), expected)
    assert same(tables([tmp_path / "parts/*.*", str(tmp_path / "parts/deep")]), expected)


def test_tables_in_memory(expected):
    table = pa.Table.from_pylist(ROWS)
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(100))
    for data in (table, reader, pandas.DataFrame(ROWS), polars.DataFrame(ROWS)):
        assert same(tables(data), expected)
    with pytest.raises(InputError, match="a int is no table"):
        spacy_lstm_sentiment.insights(5)


def test_a_prefix_is_found_out(tmp_path, expected):
    rows = [{**row, "label": "mine"} for row in ROWS]
    for row, scored in zip(rows, ROWS, strict=True):
        row.update({f"p_{n}": scored[n] for n in ("label", "score", "sentiment")})
        del row["score"], row["sentiment"]
    assert same(tables(write(tmp_path / "rows.csv", rows)), expected)


def test_two_prefixes_are_refused(tmp_path):
    rows = [{**row, **{f"p_{n}": row[n] for n in ("label", "score", "sentiment")}} for row in ROWS]
    path = write(tmp_path / "rows.jsonl", rows)
    with pytest.raises(InputError, match='scored twice, with the prefixes "" and "p_"'):
        tables(path)
    assert tables(path, prefix="p_")["groups"]


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl", "rows.parquet", "rows.tsv"])
def test_names_that_differ_in_capitals_are_two(name, tmp_path, expected):
    rows = [{"Label": "gold", "PRODUCT": "none", **row} for row in ROWS]
    assert same(tables(write(tmp_path / name, rows)), expected)


def test_lines_of_json_need_not_be_alike(tmp_path, expected):
    rows = [dict(reversed(r.items()) if n % 2 else r) for n, r in enumerate(ROWS)]
    rows[200]["more"] = {"of": ["everything"]}
    write_rows(tmp_path / "a.jsonl", rows[:150])
    write_rows(tmp_path / "b.ndjson", rows[150:])
    assert same(tables(tmp_path), expected)


def test_columns_with_any_name(tmp_path):
    name = 'a "strange" one; DROP/~\'s'
    rows = [{name: row["product"], **row} for row in ROWS]
    for kind in ("csv", "jsonl", "parquet"):
        found = tables(write(tmp_path / f"rows.{kind}", rows), by=[name], time=None)["groups"]
        assert {row["group"] for row in found} == {"Lamp", "Kettle", "Radio"}


def test_values_that_are_none_or_numbers(tmp_path):
    values = [None, "", " ", 5, True, "x"]
    rows = [{**row, "group": values[n % 6]} for n, row in enumerate(ROWS)]
    found = tables(write_rows(tmp_path / "rows.jsonl", rows), by=["group"], time=None)["groups"]
    assert {row["group"]: row["rows"] for row in found} == {
        **{"(none)": 150, "5": 50, "true": 50, "x": 50}
    }


def test_many_values_are_counted_together(tmp_path):
    rows = [{**row, "id": n if n >= 100 else "big"} for n, row in enumerate(ROWS)]
    found = tables(write_rows(tmp_path / "r.jsonl", rows), by=["id"], time=None, groups=3)["groups"]
    assert [row["rows"] for row in found] == [100, 1, 1, 198]
    assert (found[0]["group"], found[-1]["group"], found[-1]["values"]) == (
        "big",
        "all others",
        198,
    )


def test_rows_without_scores_are_counted_apart(tmp_path):
    rows = [*ROWS, {"text": ""}, {**ROWS[0], "score": None}, {**ROWS[0], "score": "high"}]
    path = write_rows(tmp_path / "rows.jsonl", rows)
    with Path(path).open("a") as file:
        file.write('{"label": "NEGATIVE", "score"\n')
    found = spacy_lstm_sentiment.insights(path)
    assert (found.whole.rows, found.reading.n_unscored) == (len(ROWS), 4)


def test_dates_that_cannot_be_read_are_counted(tmp_path):
    dates = ["soon", "", None, "2026-02-31"]
    rows = [*ROWS, *({**ROWS[0], "date": value} for value in dates)]
    reading = spacy_lstm_sentiment.insights(
        write_rows(tmp_path / "rows.jsonl", rows), time="date"
    ).reading
    assert (reading.n_no_time, reading.n_unreadable) == (2, 2)


def test_days_or_months_first(tmp_path, expected):
    rows = [{**row, "date": f"{row['date'][8:]}/{row['date'][5:7]}/2026"} for row in ROWS]
    assert same(tables(write_rows(tmp_path / "rows.jsonl", rows)), expected)
    both = [{**row, "date": "03/04/2026"} for row in ROWS]
    path = write_rows(tmp_path / "both.jsonl", both)
    with pytest.raises(InputError, match="say which with --time-format"):
        tables(path)
    found = tables(path, time_format="%m/%d/%Y", every="day")["periods"]
    assert {row["period"] for row in found} == {"2026-03-04"}


def test_moments_of_parquet(tmp_path, expected):
    table = pa.Table.from_pylist(ROWS)
    days = table["date"].cast(pa.timestamp("us"))
    path = tmp_path / "rows.parquet"
    parquet.write_table(table.set_column(table.column_names.index("date"), "date", days), path)
    assert same(tables(path), expected)


def test_a_notebook_shows_the_page():
    found = spacy_lstm_sentiment.insights(pa.Table.from_pylist(ROWS), by=["product"], explain=0)
    shown = found._repr_html_()
    assert shown.startswith('<iframe title="Insights" srcdoc="')
    (page,) = re.findall(r'srcdoc="([^"]*)"', shown)
    assert unescape(page) == found.html()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": ["colour"]}, 'no column "colour": there are text, product, country, date'),
        ({"time": "when"}, 'no column "when"'),
        ({"text_field": "body"}, 'no column "body"'),
        ({"prefix": "x_"}, 'no column "x_label"'),
        ({"every": "year"}, "--every year: name one of day, week, month"),
        ({"time": "product"}, "no date in it that can be read"),
        ({"memory": "much"}, "--memory much"),
    ],
)
def test_what_is_not_there_is_refused(options, message, tmp_path):
    path = write_rows(tmp_path / "rows.jsonl", ROWS)
    with pytest.raises(InputError, match=message) as error:
        tables(path, **options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", "", "no rows in it"),
        ("a.csv", "label,score,sentiment\n", "no rows in it"),
        ("a.jsonl", '{"text": "good"}\n', "run spacy-lstm-sentiment score first; there are text"),
        ("a.jsonl", '{"label": null, "score": 1, "sentiment": 1}\n', "none of 1 rows has scores"),
        ("a.csv", "label,score,sentiment\nNEGATIVE,0.1,-0.8\nPOSITIVE,1\n", "cannot be read"),
        ("a.txt", "good\n", "not what score writes"),
        ("a.parquet", "PAR1", "cannot be read"),
        ("a.jsonl.xz", "no xz", "broken"),
    ],
)
def test_files_that_cannot_be_used(name, content, message, tmp_path):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InputError, match=message) as error:
        spacy_lstm_sentiment.insights(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"by": "product"}, r"by takes columns, not a single one: by=\['product'\]"),
        ({"groups": 0}, "--groups 0 has to be a whole number, 1 or more"),
        ({"groups": 2.5}, r"--groups 2\.5 has to be"),
        ({"explain": -1}, "--explain -1 has to be a whole number, 0 or more"),
        ({"every": "year"}, "--every year: name one of day, week, month"),
    ],
)
def test_wishes_that_cannot_be_met(asked, message):
    with pytest.raises(InputError, match=message):
        spacy_lstm_sentiment.insights(pa.Table.from_pylist(ROWS), **asked)


def test_a_page_of_rows_of_one_day_has_no_line_to_draw():
    rows = [{**row, "date": "2026-11-05"} for row in ROWS]
    table = pa.Table.from_pylist(rows)
    page = spacy_lstm_sentiment.insights(table, time="date", every="day", explain=0).html()
    assert "No two periods have the 10 rows" in page
