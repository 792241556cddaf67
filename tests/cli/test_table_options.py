"""Every command that reads tables reads them alike."""

import json
from pathlib import Path

import pytest
import spacy
import typer
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

import spacy_lstm_sentiment
from spacy_lstm_sentiment.cli import app

TEXTS = ['"A café, I liked it', "Dull; and so loud", 'So "good', "Bad\tnews"]
LABELS = ["pos", "neg", "pos", "neg"]
# How the same rows are written, and the options that say so.
TABLES = {
    "a.tsv": ("utf-8", "\t", ["--escape", "\\"]),
    "b.csv": ("cp1252", ";", ["--encoding", "cp1252", "--delimiter", ";", "--quoting", "csv"]),
    "c.csv": ("utf-16", "|", ["--delimiter", "|", "--quoting", "none"]),
}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    spacy_lstm_sentiment.load().to_disk(path)
    return str(path)


@pytest.fixture(params=TABLES)
def table(request) -> tuple[str, list[str]]:
    encoding, delimiter, options = TABLES[request.param]
    rows = [["text", "label"], *zip(TEXTS, LABELS, strict=True)]
    if delimiter == ";":
        lines = ['"' + '";"'.join(cell.replace('"', '""') for cell in row) + '"' for row in rows]
    else:
        lines = [delimiter.join(cell.replace("\t", "\\\t") for cell in row) for row in rows]
        lines = [line if delimiter == "\t" else line.replace("\\", "") for line in lines]
    Path(request.param).write_text("\n".join(lines), encoding=encoding)
    return request.param, options


def run(*args: str) -> None:
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 0, result.output


def test_convert(table):
    name, options = table
    run("convert", name, "out.spacy", *options)
    docs = list(DocBin().from_disk("out.spacy").get_docs(Vocab()))
    assert [doc.text for doc in docs] == TEXTS
    assert [doc.cats["POSITIVE"] for doc in docs] == [1.0, 0.0, 1.0, 0.0]


def test_score(table, model):
    name, options = table
    run("score", name, "--output", "out.jsonl", "--model", model, "--prefix", "s_", *options)
    rows = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").splitlines()]
    assert [(row["text"], row["label"]) for row in rows] == [*zip(TEXTS, LABELS, strict=True)]


def test_stats(table):
    name, options = table
    run("stats", name, "--json", "out.json", *options)
    assert '"documents": 4' in Path("out.json").read_text("utf-8")


@pytest.mark.parametrize("command", ["evaluate", "calibrate"])
def test_commands_that_need_labels(table, model, command):
    name, options = table
    output = ["--output", "new"] if command == "calibrate" else ["--json", "out.json"]
    run(command, model, name, *output, *options)


def test_explain(table):
    name, options = table
    run("explain", name, "--json", "out.json", *options)
    explained = json.loads(Path("out.json").read_text("utf-8"))["texts"]
    tokens = [token["text"] for token in explained[2]["tokens"]]
    assert (len(explained), tokens) == (4, ["So", '"', "good"])


def test_a_corpus_reader_reads_them_too(table):
    from spacy_lstm_sentiment.training.corpus import ReviewCorpus

    name, options = table
    named = zip(options[::2], options[1::2], strict=True)
    corpus = ReviewCorpus(name, **{option.removeprefix("--"): value for option, value in named})
    assert [example.text for example in corpus(spacy.blank("en"))] == TEXTS


@pytest.mark.parametrize("command", ["stats", "evaluate", "explain"])
def test_what_is_guessed_at_is_said_and_in_the_json(model, command):
    Path("a.csv").write_text("text;label\ngood fun;pos\nno good;neg\n")
    Path("b.csv").write_text("text,label\ngood fun,pos\nno good,neg\n")
    for name, n_guesses in (("a.csv", 1), ("b.csv", 0)):
        args = [model, name] if command == "evaluate" else [name, "--model", model]
        result = CliRunner().invoke(app, [command, *args, "--json", f"{name}.json"])
        assert result.exit_code == 0, result.output
        guesses = json.loads(Path(f"{name}.json").read_text())["guesses"]
        assert len(guesses) == n_guesses
        assert all(f"{name}: " in guess and guess in result.stderr for guess in guesses)


@pytest.mark.parametrize("command", ["convert", "stats", "evaluate", "calibrate", "vectors"])
def test_a_command_that_reads_files_does_not_say_that_a_dash_is_a_table(command):
    assert "- is a table" not in _help_of(command, "--delimiter")


def test_score_says_that_a_dash_is_a_table():
    assert "- is a table" in _help_of("score", "--delimiter")


def _help_of(command: str, option: str) -> str:
    parameters = typer.main.get_command(app).commands[command].params
    return next(p.help for p in parameters if option in p.opts)
