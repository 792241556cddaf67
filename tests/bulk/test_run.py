import csv
import gzip
import io
import json
import os
import threading
from pathlib import Path

import pytest
import spacy
from examples import up_to
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from platforms import posix

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk import Summary
from spacy_lstm_sentiment.bulk.scorer import Scored
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.record import BadRecord, emptiness

GOOD = {"label": "POSITIVE", "score": 0.75, "sentiment": 0.5}
NEUTRAL = {"label": "POSITIVE", "score": 0.5, "sentiment": 0.0}
BAD = {"label": "NEGATIVE", "score": 0.25, "sentiment": -0.5}

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> str:
    data = text.encode()
    Path(name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return name


def read_lines(name: str) -> list[dict]:
    return [json.loads(line) for line in Path(name).read_text(encoding="utf-8").splitlines()]


def names() -> set[str]:
    return {path.name for path in Path().iterdir()}


def test_rows_of_every_format_in_the_order_of_the_inputs(nlp):
    inputs = [
        write("a.jsonl.gz", '{"id": 1, "text": "good"}\n{"text":"bad"}\n'),
        write("b.csv", 'n,text\n1,"so\nso"\n2,good\n'),
        write("c.tsv.gz", "text\nbad\n"),
        write("d.txt", "good\nso\n"),
    ]
    summary = bulk.score(inputs, "out.jsonl", nlp, batch_size=2)
    assert read_lines("out.jsonl") == [
        {"id": 1, "text": "good", **GOOD},
        {"text": "bad", **BAD},
        {"n": "1", "text": "so\nso", **NEUTRAL},
        {"n": "2", "text": "good", **GOOD},
        {"text": "bad", **BAD},
        {"text": "good", **GOOD},
        {"text": "so", **NEUTRAL},
    ]
    assert (summary.n_scored, summary.n_rejected) == (7, 0)
    assert summary.labels == {"POSITIVE": 5, "NEGATIVE": 2}
    assert summary.mean_score == pytest.approx((3 * 0.75 + 2 * 0.25 + 2 * 0.5) / 7)
    assert names() == {*inputs, "out.jsonl"}


@settings(max_examples=up_to(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(TEXT, TEXT.filter(lambda text: not emptiness(text))), min_size=1))
@pytest.mark.parametrize("extension", ["csv", "csv.gz"])
def test_a_table_keeps_its_fields(calm_nlp, extension, rows):
    source, output = f"in.{extension}", f"out.{extension}"
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    write(source, "\n".join(["id,text", *quoted]))
    assert bulk.score([source], output, calm_nlp, force=True).n_scored == len(rows)
    data = Path(output).read_bytes()
    text = (gzip.decompress(data) if output.endswith(".gz") else data).decode()
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [tuple(row[:2]) for row in read] == [("id", "text"), *rows]
    assert {len(row) for row in read} == {5}


def test_bad_rows_are_put_aside_and_the_run_goes_on(nlp):
    long = "x" * (nlp.max_length + 1)
    rows = ['{"text": "good"}', "{", '{"text": null}', '{"text": "explode"}', '{"body": "good"}']
    rows += [json.dumps({"text": long}), '{"text": "bad", "score": 1}', '{"text": "bad"}']
    write("a.jsonl", "\n".join(rows))
    summary = bulk.score(["a.jsonl"], "out.jsonl", nlp)
    assert read_lines("out.jsonl") == [{"text": "good", **GOOD}, {"text": "bad", **BAD}]
    rejects = read_lines("out.jsonl.rejects.jsonl")
    assert [(row["source"], row["line"], row["raw"]) for row in rejects] == [
        ("a.jsonl", line, rows[line - 1][:10_000]) for line in range(2, 8)
    ]
    assert [row.get("left_out") for row in rejects] == [*[None] * 4, len(rows[5]) - 10_000, None]
    assert summary.rejects == {
        "broken JSON": 1,
        "no text": 1,
        "the pipeline failed": 1,
        'no field "text"': 1,
        "longer than the pipeline's max_length": 1,
        'column "score" is where a result goes': 1,
    }


def test_a_row_that_does_not_fit_the_table_is_a_reject(nlp):
    write(
        "a.jsonl", '{"x": 1}\n{"text": "good", "n": 1}\n{"text": "bad"}\n{"n": 2, "text": "bad"}\n'
    )
    summary = bulk.score(["a.jsonl"], "out.csv", nlp)
    assert Path("out.csv").read_text() == (
        "text,n,label,score,sentiment\ngood,1,POSITIVE,0.75,0.5\nbad,2,NEGATIVE,0.25,-0.5\n"
    )
    assert [row["line"] for row in read_lines("out.csv.rejects.jsonl")] == [1, 3]
    assert summary.rejects["other columns than the first row's"] == 1


def test_processes_write_the_same_file(nlp):
    write("a.txt", "".join(f"{'good' if n % 3 else 'explode'} {n}\n" for n in range(100)))
    for n_process in (1, 2):
        bulk.score(["a.txt"], f"{n_process}.csv", nlp, batch_size=9, n_process=n_process)
    assert Path("1.csv").read_bytes() == Path("2.csv").read_bytes()
    rejects = [read_lines(f"{n}.csv.rejects.jsonl") for n in (1, 2)]
    assert rejects[0] == rejects[1]
    assert len(rejects[0]) == 34


def test_nothing_to_score(nlp):
    summary = bulk.score([write("a.csv", "text\n"), write("b.txt", "")], "out.csv", nlp)
    assert (summary.n_scored, summary.n_rejected) == (0, 0)
    assert Path("out.csv").read_bytes() == b""


def test_force_replaces_the_files_of_an_earlier_run(nlp):
    bulk.score([write("a.jsonl", '{"text": "bad"}\nbroken\n')], "out.jsonl", nlp)
    assert names() == {"a.jsonl", "out.jsonl", "out.jsonl.rejects.jsonl"}
    bulk.score([write("a.txt", "good\n")], "out.jsonl", nlp, force=True)
    assert read_lines("out.jsonl") == [{"text": "good", **GOOD}]
    assert names() == {"a.jsonl", "a.txt", "out.jsonl"}


@posix
def test_a_pipe_is_read_once(nlp):
    os.mkfifo("pipe.txt")
    # In a thread: opening a pipe waits for the other side.
    writer = threading.Thread(target=Path("pipe.txt").write_text, args=("good\nbad\n",))
    writer.start()
    bulk.score(["pipe.txt"], "out.jsonl", nlp)
    writer.join()
    assert [row["text"] for row in read_lines("out.jsonl")] == ["good", "bad"]


def test_a_summary_for_people():
    summary = Summary(seconds=2.0)
    for label, score in (("POSITIVE", 0.75), ("POSITIVE", 0.75), ("NEGATIVE", 0.25)):
        summary.add(Scored([[label, score, 2 * score - 1]], n_words=10, n_unknown=4))
    for reason in ("broken JSON: at 1", "no field: a", "broken JSON: at 2"):
        summary.add_reject(BadRecord("a", 1, "", reason))
    assert summary.describe("out.csv", "out.csv.rejects.jsonl").splitlines() == [
        "Scored 3 rows, 2 rows/s: out.csv",
        "  66.7% POSITIVE, 33.3% NEGATIVE; mean score 0.583",
        "  40.0% of 30 words have no vector",
        "Warning: so many words have no vector: is it another language?",
        "Rejected 3 rows: out.csv.rejects.jsonl",
        "  2 broken JSON",
        "  1 no field",
    ]
    assert Summary().describe("out.csv", "-") == "Scored 0 rows, 0 rows/s: out.csv"


@pytest.mark.parametrize("extension", [".jsonl", ".csv"])
def test_a_prefix_keeps_the_results_apart_from_the_columns_of_the_input(nlp, extension):
    write("a.jsonl", '{"text": "good", "label": "mine", "score": 3}')
    bulk.score(["a.jsonl"], f"out{extension}", nlp, prefix="our_")
    written = Path(f"out{extension}").read_text()
    for part in ("mine", "our_label", "our_score", "our_sentiment", "POSITIVE"):
        assert part in written


def test_labels_follow_the_neutral_band(trained_nlp, tmp_path):
    write("a.txt", "good\nzyxwv\n")
    band = abs(trained_nlp("zyxwv")._.sentiment) + 0.01
    trained_nlp.to_disk(tmp_path / "model")
    config = {"components": {"lstm_sentiment": {"neutral_band": band}}}
    bulk.score(["a.txt"], "out.jsonl", spacy.load(tmp_path / "model", config=config))
    assert [row["label"] for row in read_lines("out.jsonl")] == ["POSITIVE", "NEUTRAL"]


def test_the_column_with_the_text_is_guessed_where_there_is_one_candidate(nlp, capsys):
    write("a.jsonl", '{"n": 1, "body": "so good"}\n{"n": 2}\n{"n": 3, "body": "bad"}')
    summary = bulk.score(["a.jsonl"], "out.jsonl", nlp)
    assert (summary.n_scored, summary.n_rejected) == (2, 1)
    assert 'The text is in the column "body", it seems' in capsys.readouterr().err
    write("b.csv", "title,body\na,good\n")
    with pytest.raises(InputError, match=r'no column "text": name the one .* of title, body$'):
        bulk.score(["b.csv"], "out.csv", nlp)


@pytest.mark.parametrize(
    "rows",
    [
        [{"text": None, "when": "on monday"}] * 3,
        [{"when": "on monday, at noon", "text": 5}, {"when": "so late", "text": [1]}],
        [{"text": "", "note": "so good"}, {"text": " ", "note": "all bad"}],
        [{"note": "so good"}, {"note": "so bad", "text": None}],
        [{"Text": None, "text": None, "body": "a good one"}],
    ],
)
def test_a_column_called_text_is_the_text_whatever_is_in_it(nlp, rows):
    write("a.jsonl", "\n".join(map(json.dumps, rows)))
    summary = bulk.score(["a.jsonl"], "out.jsonl", nlp)
    assert (summary.n_scored, summary.n_rejected, summary.guesses) == (0, len(rows), [])


def test_too_many_errors_stop_a_run_and_more_are_allowed_later(nlp):
    write("a.jsonl", '{"text": "good"}\noops\nno\n{"text": "bad"}')
    with pytest.raises(InputError, match="more than 1 rows rejected, 2 of them: broken JSON; "):
        bulk.score(["a.jsonl"], "out.jsonl", nlp, max_errors=1, shard_size=1)
    assert names() == {"a.jsonl", "out.jsonl.spacy-lstm-sentiment"}
    assert bulk.score(["a.jsonl"], "out.jsonl", nlp, max_errors=2, shard_size=1).n_resumed == 1
    assert [row["text"] for row in read_lines("out.jsonl")] == ["good", "bad"]


def test_a_limit_counts_rows_of_all_inputs(nlp):
    inputs = [write("a.txt", "good\nbad\n"), write("b.txt", "good\nbad\n")]
    bulk.score(inputs, "out.jsonl", nlp, limit=3)
    assert [row["text"] for row in read_lines("out.jsonl")] == ["good", "bad", "good"]


def test_a_dry_run_writes_nothing(nlp):
    write("a.txt", "good\n" * 500)
    assert bulk.score(["a.txt"], "out.jsonl", nlp, dry_run=True).n_scored == 100
    assert names() == {"a.txt"}
    with pytest.raises(InputError, match="an input would be overwritten"):
        bulk.score(["a.txt"], "a.txt.jsonl", nlp, rejects="a.txt", dry_run=True)


def test_rejects_where_they_are_asked_for_and_with_their_ids(nlp):
    write("a.jsonl", '{"text": "good", "key": "a"}\n{"text": null, "key": "b"}')
    bulk.score(["a.jsonl"], "out.jsonl", nlp, rejects="new/bad.jsonl", id_field="key")
    assert [row["id"] for row in read_lines("new/bad.jsonl")] == ["b"]
    assert names() == {"a.jsonl", "out.jsonl", "new"}
    write("b.csv", "text\ngood\n")
    with pytest.raises(InputError, match='no column "key": name the one with the id, of text'):
        bulk.score(["b.csv"], "out.csv", nlp, id_field="key")


def test_a_folder_of_whole_files(nlp):
    Path("in").mkdir()
    write("in/a.md", "good\ngood")
    write("in/b.txt", "bad\n")
    bulk.score(["in"], "out.csv", nlp, whole_file=True)
    assert Path("out.csv").read_text().splitlines() == [
        "file,text,label,score,sentiment",
        'in/a.md,"good',
        'good",POSITIVE,0.833333,0.666667',
        'in/b.txt,"bad',
        '",NEGATIVE,0.25,-0.5',
    ]


def test_an_output_inside_an_input_folder_is_refused(nlp):
    Path("in").mkdir()
    write("in/a.txt", "good")
    for output in ("in/out.jsonl", "in/new/out.jsonl"):
        with pytest.raises(InputError, match="is inside the input in, where the next run"):
            bulk.score(["in"], output, nlp, force=True)


def test_a_file_that_vanishes_is_a_reject(nlp):
    inputs = [write("a.txt", "remove b.txt\n"), write("b.txt", "bad\n"), write("c.txt", "good\n")]
    summary = bulk.score(inputs, "out.jsonl", nlp, shard_size=1)
    assert [row["text"] for row in read_lines("out.jsonl")] == ["remove b.txt", "good"]
    assert summary.rejects == {"no longer to be read": 1}


def test_sentences_without_a_component_that_finds_them(trained_nlp):
    write("a.jsonl", '{"id": 1, "text": "I loved this film. It was dull!"}')
    before = trained_nlp.pipe_names
    bulk.score(["a.jsonl"], "out.jsonl", trained_nlp, per_sentence=True)
    rows = read_lines("out.jsonl")
    assert [row["sentence_text"] for row in rows] == ["I loved this film.", "It was dull!"]
    assert trained_nlp.pipe_names == before


def test_a_run_by_sentence_needs_our_component(nlp):
    write("a.txt", "good")
    with pytest.raises(InputError, match="No lstm_sentiment component"):
        bulk.score(["a.txt"], "out.jsonl", nlp, per_sentence=True)


def test_a_column_that_no_header_can_have_spoils_no_table(nlp):
    odd = ['{"text": "bad", "\\ud83d": 1}', '{"text": "bad", "\\u0000": 1}']
    write("a.jsonl", "\n".join([*odd, '{"text": "good", "n": 1}']))
    assert bulk.score(["a.jsonl"], "out.csv", nlp).n_rejected == 2
    assert Path("out.csv").read_text().startswith("text,n,label")
