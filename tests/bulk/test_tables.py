"""Tables as people and programs write them, and broken ones."""

import csv
import io
import re

import pytest
from examples import up_to
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.reading import read_records
from spacy_lstm_sentiment.records.record import BadRecord, Record

PRINTED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
UNQUOTED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\t\n\r"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@pytest.fixture
def read(tmp_path):
    """The rows that a file with this name and text gives, read in a dialect."""

    def read(name: str, text: str, **dialect: str) -> list[Record | BadRecord]:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return list(read_records(str(path), Dialect(**dialect)))

    return read


def cells(rows) -> list[tuple]:
    """The cells of the records among the rows."""
    return [tuple(row.fields.values()) for row in rows if isinstance(row, Record)]


def rejected(rows) -> list[str]:
    return [row.raw for row in rows if isinstance(row, BadRecord)]


# Quotes in TSV are characters


def test_a_quotation_mark_in_tsv_is_a_character(read):
    lines = ['1\t"Good', "2\tfine", "3\tso-so", '4\tshe said "bad"', '5\t""']
    rows = read("a.tsv", "\n".join(["id\ttext", *lines]))
    assert cells(rows) == [tuple(line.split("\t")) for line in lines]
    assert [row.raw for row in rows] == lines


@given(texts=st.lists(UNQUOTED))
def test_any_line_survives_tsv(folder, texts):
    path = folder / "plain.tsv"
    path.write_text("".join(f"{text}\n" for text in ["id\ttext", *(f"7\t{t}" for t in texts)]))
    assert cells(read_records(str(path))) == [("7", text) for text in texts]


ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


@given(texts=st.lists(PRINTED))
@pytest.mark.parametrize(
    "escapes",
    [ESCAPES, {"\\": "\\\\", "\t": "\\\t", "\n": "\\\n", "\r": "\\r"}],
    ids=["letters", "mysql"],
)
def test_any_text_survives_backslashes(folder, escapes, texts):
    path = folder / "escaped.tsv"
    table = str.maketrans(escapes)
    rows = [f"{text.translate(table)}\t7\n" for text in texts]
    path.write_bytes("".join(["text\tid\n", *rows]).encode())
    found = list(read_records(str(path), Dialect(escape="\\")))
    assert cells(found) == [(text, "7") for text in texts]
    assert [f"{row.raw}\n" for row in found] == rows


def test_backslashes_are_escapes_only_when_asked_for(read):
    text = "id\ttext\n1\tC:\\new\n2\t\\N\n"
    assert cells(read("a.tsv", text)) == [("1", "C:\\new"), ("2", "\\N")]
    assert cells(read("a.tsv", text, escape="\\")) == [("1", "C:\new"), ("2", None)]
    text = '1,"a \\"b\\" c, \\\\ C:\\new"\n2,\\N\n3,"\\N"\n4,a\\,b\\\nc\n'
    assert cells(read("a.csv", f"id,text\n{text}", escape="\\")) == [
        ("1", 'a "b" c, \\ C:\\new'),
        ("2", None),
        ("3", "\\N"),
        ("4", "a,b\nc"),
    ]


def test_a_table_is_read_in_the_dialect_that_is_named(read):
    assert cells(read("a.csv", 'a|b\n1|"2|3"\n', delimiter="|")) == [("1", "2|3")]
    assert cells(read("a.csv", 'a,b\n"1,2"\n', quoting="none")) == [('"1', '2"')]
    assert cells(read("a.tsv", 'a\tb\n1\t"2\t""3"""\n', quoting="csv")) == [("1", '2\t"3"')]
    assert cells(read("a.tsv", 'a;b\n1;"2;3"\n', delimiter=";")) == [("1", "2;3")]
    assert cells(read("a.csv", 'a\tb\n1\t"2\t3"\n', delimiter="\\t")) == [("1", "2\t3")]
    assert cells(read("a.tsv", "a;b\n1;'2\n", delimiter=";")) == [("1", "'2")]


@pytest.mark.parametrize(
    "dialect",
    [
        {"delimiter": ""},
        {"delimiter": ";;"},
        {"delimiter": "\n"},
        {"delimiter": '"'},
        {"quoting": "some"},
        {"escape": "xx"},
        {"escape": ";", "delimiter": ";"},
        {"encoding": "base64"},
    ],
)
def test_a_dialect_that_cannot_be(dialect):
    with pytest.raises(InputError, match=r"^--\w+ "):
        Dialect(**dialect)


# After a broken row


@pytest.mark.parametrize(
    "broken",
    [
        '1,"She said "hi" to me\nthen left, what a boring evening"',
        '1,"She said "no", then\nleft, too, with "Bob", who\nhe, well, "knew", and me"',
        '1,"Nothing, really"" but "this"\nor, that"',
        '"1"1,2\r\n3,4 and "so" on"\n5,6\n7,8 "so"',
        '1,"A 5" pipe, and\na 6" one, with\n"quotes" around, at the\n"start", of, lines"',
    ],
)
@pytest.mark.parametrize("after", ["3,fine\n", '3,"fine, really"\n', '3,fine\n"4","fine"\n'])
def test_no_line_of_a_broken_cell_is_a_row(read, broken, after):
    rows = read("a.csv", f"id,text\n0,good\n{broken}\n{after}")
    good = [row for row in rows if isinstance(row, Record)]
    assert "\n".join(row.raw for row in rows) + "\n" == f"0,good\n{broken}\n{after}".replace(
        "\r", ""
    )
    assert cells(good) == [("0", "good"), *map(tuple, csv.reader(io.StringIO(after)))]
    reasons = [row.reason for row in rows if isinstance(row, BadRecord)]
    assert reasons[0].startswith("broken quoting: ")


def test_rows_that_may_be_the_rest_of_a_broken_one_are_rejected(read):
    # In one column, every line looks like a row.
    rows = read("a.csv", 'text\n"She said "hi"\n"Bye."\nAnd left.\n"One more"\n')
    assert cells(rows) == []
    assert [row.reason.partition(":")[0] for row in rows] == [
        "broken quoting",
        *["beside broken quoting"] * 3,
    ]
    assert "line 2" in rows[-1].reason
    # Unless no quote follows that could end the broken cell.
    rows = read("a.csv", 'text\n"She said "hi" to me"\nfine\nAnd left.\n')
    assert cells(rows) == [("fine",), ("And left.",)]


def test_a_broken_row_costs_no_more_than_its_neighbours(read):
    rows = [f'{n},"text, {n}"' for n in range(100)]
    rows[50] = '50,"a "broken" one"'
    found = read("a.csv", "\n".join(["id,text", *rows]))
    assert rejected(found) == [rows[50]]
    plain = [f"{n},text {n}" for n in range(5000)]
    plain[50], plain[4000] = rows[50], '4000,"another "one" of, them'
    found = read("a.csv", "\n".join(["id,text", *plain]))
    assert rejected(found) == [plain[50], plain[4000]]


def test_a_table_that_is_not_quoted_says_how_to_read_it(read):
    text = 'id,text\n1,"Hello" he said\n2,a 5" pipe\n'
    bad, _ = read("a.csv", text)
    assert "--quoting none" in bad.reason
    assert cells(read("a.csv", text, quoting="none")) == [
        ("1", '"Hello" he said'),
        ("2", 'a 5" pipe'),
    ]


WORDS = st.sampled_from(["good", "film", "so", '5"', 'said "no"', 'the "end"'])
SENTENCES = st.lists(
    st.tuples(WORDS, st.sampled_from([" ", ", ", "\n", "\n\n", ". ", ': "well" ', "; ", "\r\n"])),
    min_size=1,
    max_size=8,
).map(lambda pairs: "".join(word + end for word, end in pairs) + "bye")
BROKEN_TABLES = st.lists(st.tuples(SENTENCES, st.booleans()), min_size=1, max_size=12)


# A quote that closes nothing, as in 5", is of this kind as long as none opens again in a later
# line: '"5"\n"Oh"' is two rows to any reader.


def as_lines(rows: list[tuple[list[str], bool]], quoting: int) -> list[str]:
    """Rows of CSV; of the broken ones, the quotes inside of cells are not doubled."""
    lines = []
    for row, is_broken in rows:
        if is_broken:
            lines.append(",".join(f'"{cell}"' for cell in row) + "\n")
        else:
            out = io.StringIO(newline="")
            csv.writer(out, quoting=quoting, lineterminator="\n").writerow(row)
            lines.append(out.getvalue())
    return lines


@settings(max_examples=up_to(150))
@given(texts=BROKEN_TABLES)
@example(texts=[('a "b" c\nd, "e" f\nbye', True), ("good", False)])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL], ids=["minimal", "all"])
@pytest.mark.parametrize("columns", ["text", "id,text", "text,id", "id,text,note"])
def test_every_row_of_a_broken_table_is_one_of_its_rows(folder, columns, quoting, texts):
    path = folder / "broken.csv"
    names = columns.split(",")
    values = [
        ([{"text": text, "id": str(n)}.get(name, "-") for name in names], is_broken)
        for n, (text, is_broken) in enumerate(texts)
    ]
    lines = as_lines(values, quoting)
    path.write_bytes("".join([f"{columns}\n", *lines]).encode())
    rows = list(read_records(str(path)))
    written = [tuple(row) for row, _ in values]
    found = cells(rows)
    assert set(found) <= set(written)
    # Nothing is lost: the rows are the file.
    ends = re.compile(r"[\r\n]+")
    assert ends.sub("", "".join(row.raw for row in rows)) == ends.sub("", "".join(lines))
    # Nothing is rejected for nothing.
    assert found == written or any(is_broken for _, is_broken in texts)
