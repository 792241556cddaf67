"""Outputs that are folders of parts: on a disk, and on an S3 server on loopback."""

import gzip
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import fsspec
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pytest
from object_storage import s3_server

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk.folder_run import check_folder
from spacy_lstm_sentiment.bulk.storage import Storage
from spacy_lstm_sentiment.errors import InputError

N_ROWS = 95
BAD = (7, 60)


@pytest.fixture(scope="module")
def s3():
    with s3_server() as flaky:
        yield flaky


@pytest.fixture(params=["disk", "s3"])
def output(request, tmp_path, s3):
    """A folder that is not there yet."""
    s3.fail = lambda method, path: None
    return f"{tmp_path}/scored/" if request.param == "disk" else f"s3://bucket/{tmp_path.name}/"


@pytest.fixture(autouse=True)
def _with_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts = [f"{['good', 'bad'][n % 2]} {n}" for n in range(N_ROWS)]
    # So long that each shard of the runs below has a split of its own, or two.
    rows = [{"id": n, "text": text, "more": "x" * 1000} for n, text in enumerate(texts)]
    lines = ["broken" if n in BAD else json.dumps(row) for n, row in enumerate(rows)]
    Path("in.jsonl").write_text("\n".join(lines))


def files_of(output: str) -> dict[str, bytes]:
    storage = Storage(output)
    return {name: storage.get(name) for name in storage.names()}


def rows_of(output: str) -> list[dict]:
    files = files_of(output)
    parts = [gzip.decompress(files[name]) for name in files if name.startswith("part-")]
    return [json.loads(line) for part in parts for line in part.splitlines()]


def score(output, nlp, **options):
    options = {"shard_size": 10, "quiet": True, **options}
    return bulk.score(["in.jsonl"], output, nlp, **options)


def test_the_parts_have_all_rows_in_order_as_one_file_has_them(output, nlp):
    summary = score(output, nlp)
    score("whole.jsonl", nlp)
    whole = [json.loads(line) for line in Path("whole.jsonl").read_text().splitlines()]
    assert rows_of(output) == whole
    assert (summary.n_scored, summary.n_rejected) == (N_ROWS - len(BAD), len(BAD))
    files = files_of(output)
    rejects = [json.loads(data) for name, data in files.items() if name.startswith("_rejects/")]
    assert [bad["line"] for bad in rejects] == [n + 1 for n in BAD]
    assert json.loads(files["_SUCCESS"])["rows"] == N_ROWS
    assert {name.split("-")[0] for name in files} == {"part", "_rejects/part", "_SUCCESS"}


def test_any_number_of_processes_leaves_the_same_bytes(output, nlp, tmp_path):
    score(output, nlp, n_process=2)
    score(f"{tmp_path}/alone/", nlp)
    assert files_of(output) == files_of(f"{tmp_path}/alone/")


def test_shares_come_in_any_order_and_make_the_whole(output, nlp, tmp_path):
    score(f"{tmp_path}/at-once/", nlp)
    for part in ("3/3", "1/3"):
        score(output, nlp, part=part)
    with pytest.raises(InputError, match=r"1 of 3 parts are not done, the first is --part 2/3"):
        score(output, nlp, finish=True)
    assert "_SUCCESS" not in files_of(output)
    score(output, nlp, part="2/3")
    summary = score(output, nlp, finish=True)
    assert summary.n_scored == N_ROWS - len(BAD)
    assert files_of(output) == files_of(f"{tmp_path}/at-once/")


def test_shares_may_work_at_one_time(output, nlp, tmp_path):
    score(f"{tmp_path}/at-once/", nlp)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: score(output, nlp, part=f"{n}/4"), range(1, 5)))
    score(output, nlp, finish=True)
    assert files_of(output) == files_of(f"{tmp_path}/at-once/")


def test_what_is_done_is_not_done_again(output, nlp, tmp_path):
    score(f"{tmp_path}/at-once/", nlp)
    score(output, nlp, part="1/2")
    Storage(output).remove(["_spacy-lstm-sentiment/shares/1-of-2.json"])
    # As a process leaves it that was killed before it could tell of a part that it had halved.
    Storage(output).put("part-00000001-000000000000-000000000003.jsonl.gz", b"of no use")
    summary = score(output, nlp)
    assert 0 < summary.n_resumed < N_ROWS
    assert files_of(output) == files_of(f"{tmp_path}/at-once/")


def test_parts_that_are_lost_are_missed(output, nlp):
    for part in ("1/2", "2/2"):
        score(output, nlp, part=part)
    lost = Storage(output).names("_spacy-lstm-sentiment/done")[2]
    Storage(output).remove([lost])
    with pytest.raises(InputError, match="parts are missing: give the run's command again"):
        score(output, nlp, finish=True)
    for part in ("1/2", "2/2"):
        score(output, nlp, part=part)
    score(output, nlp, finish=True)
    assert len(rows_of(output)) == N_ROWS - len(BAD)


def test_a_finished_folder_is_replaced_by_force_alone(output, nlp):
    score(output, nlp)
    before = files_of(output)
    with pytest.raises(InputError, match=r"already there: name another output, or .* --force"):
        score(output, nlp, prefix="p_")
    assert files_of(output) == before
    score(output, nlp, prefix="p_", shard_size=50, force=True)
    assert len(rows_of(output)) == N_ROWS - len(BAD)
    assert all("p_score" in row for row in rows_of(output))


def test_another_run_is_refused_or_started_over(output, nlp):
    score(output, nlp, part="1/2")
    before = files_of(output)
    with pytest.raises(InputError, match=r"parts of a run with shard-size 10, not 20: start over"):
        score(output, nlp, shard_size=20)
    assert files_of(output) == before
    score(output, nlp, shard_size=20, resume=False)
    assert len(rows_of(output)) == N_ROWS - len(BAD)


def test_what_no_run_has_made_is_left_alone(output, nlp):
    Storage(output).put("notes/mine.txt", b"mine")
    for options in ({}, {"force": True}, {"resume": False}):
        with pytest.raises(InputError, match=r"has notes/mine.txt, which no run has made"):
            score(output, nlp, **options)
    assert files_of(output) == {"notes/mine.txt": b"mine"}


def test_the_success_of_another_program_is_no_run_of_ours(output, nlp):
    Storage(output).put("_SUCCESS", b"")
    with pytest.raises(InputError, match="the output of another program"):
        score(output, nlp, force=True)


def test_no_rows_make_no_parts_and_a_success(output, nlp):
    Path("in.jsonl").write_text("")
    assert score(output, nlp).n_written == 0
    assert files_of(output).keys() == {"_SUCCESS"}


@pytest.mark.parametrize("format", ["jsonl", "jsonl.zst", "csv", "csv.gz", "tsv.bz2", "csv.xz"])
def test_each_part_can_be_read_on_its_own(format, nlp, tmp_path):
    score("scored/", nlp, format=format, shard_size=40)
    names = [n for n in Storage("scored/").names() if n.startswith("part-")]
    assert len(names) == 3
    seen = []
    for name in names:
        shutil.rmtree("one", ignore_errors=True)
        bulk.score([f"scored/{name}"], "one/", nlp, prefix="again_", quiet=True)
        seen += [int(row["id"]) for row in rows_of("one/")]
    assert seen == [n for n in range(N_ROWS) if n not in BAD]


@pytest.mark.parametrize("format", ["parquet", "arrow"])
def test_parts_with_types_are_one_dataset(format, nlp, output):
    table = pyarrow.table({"id": range(50), "text": ["good", "bad"] * 25})
    pyarrow.parquet.write_table(table, "in.parquet")
    bulk.score(["in.parquet"], output, nlp, format=format, shard_size=20, quiet=True)
    files, path = fsspec.core.url_to_fs(output)
    found = pyarrow.dataset.dataset(path, filesystem=files, format=format).to_table()
    assert found.drop_columns(["label", "score", "sentiment"]).equals(table)
    if format == "parquet" and "://" not in output:
        query = f"SELECT label, count(*) FROM '{output}*.parquet' GROUP BY label ORDER BY label"
        assert duckdb.sql(query).fetchall() == [("NEGATIVE", 25), ("POSITIVE", 25)]


def test_a_folder_of_parts_is_read_without_its_rejects(nlp):
    score("scored/", nlp)
    summary = bulk.score(["scored"], "again.jsonl", nlp, prefix="again_", quiet=True)
    assert (summary.n_scored, summary.n_rejected) == (N_ROWS - len(BAD), 0)


def test_a_server_that_throttles_costs_time_and_no_row(s3, nlp, tmp_path):
    count = iter(range(10**9))
    s3.fail = lambda method, path: "503 Slow Down" if next(count) % 4 == 0 else None
    output = f"s3://bucket/{tmp_path.name}/"
    score(output, nlp)
    s3.fail = lambda method, path: None
    assert len(rows_of(output)) == N_ROWS - len(BAD)


def test_a_server_that_fails_ends_the_run_in_a_line_and_it_goes_on_later(s3, nlp, tmp_path):
    output = f"s3://bucket/{tmp_path.name}/"
    s3.fail = lambda method, path: (
        "500 Internal Server Error" if method == "PUT" and "part-00000005" in path else None
    )
    with pytest.raises(InputError) as caught:
        score(output, nlp)
    assert "told to" in str(caught.value)
    assert "\n" not in str(caught.value)
    s3.fail = lambda method, path: None
    assert "_SUCCESS" not in files_of(output)
    assert score(output, nlp).n_resumed >= 40
    assert len(rows_of(output)) == N_ROWS - len(BAD)


@pytest.mark.parametrize(
    ("output", "options", "message"),
    [
        ("s3://bucket/out.jsonl", {}, r"in object storage the output is a folder"),
        ("ftp://host/out/", {}, r"ftp://host/out/: only s3://, gs://, az:// are written to"),
        ("https://jo:pw@host/out/", {}, r"https://host/out/: only s3://, gs://, az:// are"),
        ("file:///tmp/out/", {}, r"only s3://, gs://, az:// are written to; or name a local"),
        ("s3://nobody/out/", {}, r"s3://nobody/out.*bucket does not exist"),
        ("out/", {"format": "xlsx"}, "part.xlsx: no known extension"),
        ("out/", {"format": "parquet"}, "its types from the inputs"),
        ("out/", {"part": "0/3"}, "--part 0/3: name a part and how many there are, as 3/16"),
        ("out/", {"part": "4/3"}, "--part 4/3"),
        ("out/", {"part": "a/b"}, "--part a/b"),
        ("out/", {"part": "1/2", "finish": True}, "leave out --part"),
        ("out/", {"finish": True}, "no part of the run is done"),
        ("out/", {"rejects": "bad.jsonl"}, "--rejects is for an output that is a file"),
        ("out.jsonl", {"part": "1/2"}, "--part is for an output that is a folder"),
        ("out.jsonl", {"format": "csv"}, "--format is for an output that is a folder"),
        ("out.jsonl", {"finish": True}, "--finish is for an output that is a folder"),
        ("in.jsonl/", {}, "not a folder|one inside the other"),
        ("./", {}, "one inside the other"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(output, options, message, nlp, s3):
    before = sorted(Path().rglob("*"))
    with pytest.raises(InputError, match=message) as caught:
        score(output, nlp, **options)
    assert "\n" not in str(caught.value)
    assert sorted(Path().rglob("*")) == before


def test_a_name_that_only_begins_alike_is_another_place(nlp, s3, tmp_path):
    Path("s").mkdir()  # with which s3:// begins, too
    Path("in.jsonl").rename("s/in.jsonl")
    output = f"s3://bucket/{tmp_path.name}/"
    assert bulk.score(["s"], output, nlp, quiet=True, shard_size=50).n_scored > 0
    for url in (f"{output}more.jsonl", output, output.rstrip("/"), "s3://bucket"):
        with pytest.raises(InputError, match="is an input: name another output"):
            check_folder(output, [url], [url])
    check_folder(output, [f"{output.rstrip('/')}-2026/a.jsonl", "s3://bucket/t"], [])
