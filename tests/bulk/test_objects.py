"""Inputs in object storage: objects, folders and patterns on an S3 server on loopback."""

import gzip
import json
import os
from itertools import count
from pathlib import Path

import fsspec
import pyarrow
import pyarrow.feather
import pyarrow.parquet
import pytest
from object_storage import s3_server

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk.folder_run import check_folder
from spacy_lstm_sentiment.bulk.manifest import make_manifest, pin_input
from spacy_lstm_sentiment.bulk.rows import Columns, Inputs, read_split
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.inputs import find_inputs
from spacy_lstm_sentiment.records.reading import read_records
from spacy_lstm_sentiment.records.record import BadRecord
from spacy_lstm_sentiment.records.splits import as_one
from spacy_lstm_sentiment.reports.insights.sources import find_sources

TREE = [
    *("in/b.csv", "in/a.txt.xz", "in/a-b.csv", "in/c.doc", "in/.hidden.txt", "in/a/x.csv"),
    *("in/d/e.jsonl", "in/d/f/g.parquet", "in/.d/h.txt", "in/d/.i.txt", "in/d[1]/j.txt"),
    *("in/scored/part-1.jsonl.gz", "in/scored/_rejects/part-1.jsonl", "in/scored/_SUCCESS"),
    *("in/scored/_spacy-lstm-sentiment/manifest.json", "in-2/k.txt", "in/docs/l.doc", "in.csv"),
]


@pytest.fixture(scope="module")
def server():
    with s3_server() as flaky:
        yield flaky


@pytest.fixture(scope="module")
def trees(server, tmp_path_factory):
    """A folder and a place in the bucket with the same files."""
    folder, files = tmp_path_factory.mktemp("tree"), fsspec.filesystem("s3")
    for path in TREE:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"data")
        files.pipe_file(f"s3://bucket/tree/{path}", b"data")
    return f"{folder}/", "s3://bucket/tree/"


@pytest.fixture
def s3(server, tmp_path, monkeypatch):
    """A server that does what it should, for a test that writes below s3://bucket/TMP_PATH.NAME."""
    monkeypatch.chdir(tmp_path)
    # A server that fails for good fails soon.
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    server.heal()
    return server


@pytest.fixture
def put(s3, tmp_path):
    """Puts an object, and gives its URL."""
    files = fsspec.filesystem("s3")

    def put(name: str, data: bytes) -> str:
        url = f"s3://bucket/{tmp_path.name}/{name}"
        files.pipe_file(url, data)
        return url

    return put


def n_gets(s3, url: str) -> int:
    return sum(m == "GET" and p == f"/{url.removeprefix('s3://')}" for m, p in s3.requests)


def random_lines(n: int) -> list[str]:
    return [json.dumps({"text": os.urandom(20).hex()}) for _ in range(n)]


def found(name: str, whole_file: bool) -> list[str] | str:
    try:
        return find_inputs([name], whole_file)
    except InputError as error:
        return str(error)


@pytest.mark.parametrize("whole_file", [False, True])
@pytest.mark.parametrize(
    "name",
    [
        *("in", "in/", "in/**", "in/*", "in/**/*", "in/*.csv", "in/?.csv", "in/[ab].*", "in/[!a]*"),
        *("in/**/*.txt", "in/**/.*.txt", "in/.*", "in/.d/*", "in/d*/", "in*/", "in*", "i?-2/*"),
        *("in/**/f", "in/*/*/*.parquet", "in/d[1]", "in/d[[]1]", "in/d[1]/*", "in/scored"),
        *("in/scored/*", "in/**/part-*", "in/scored/_rejects", "in/scored/_rejects/*", "**"),
        *("in/docs", "gone", "gone/", "gone.csv", "in/*.tsv", "in/b", "in/b.csv", "in/c.doc"),
    ],
)
def test_objects_are_found_as_files_are(s3, trees, name, whole_file):
    on_disk, in_bucket = (json.dumps(found(root + name, whole_file)) for root in trees)
    in_bucket = in_bucket.replace(trees[1], "").replace("/:", ":")
    assert in_bucket == on_disk.replace(trees[0], "").replace("/:", ":")


def test_names_of_all_kinds(put):
    names = [
        "we?ird #1.jsonl",
        "a%20b+c&d=e.jsonl",
        "x::y[1]*.jsonl",
        "ü'\"$~@.jsonl",
        "p?id=5.txt",
    ]
    urls = [put(name, json.dumps({"text": name}).encode()) for name in sorted(names)]
    folder = urls[0].rpartition("/")[0]
    assert sorted(find_inputs([folder])) == urls
    for url in urls:
        assert find_inputs([url]) == [url]
        (row,) = read_records(url)
        assert url.endswith(f"/{json.loads(row.raw)['text']}")


@pytest.mark.parametrize("extension", ["jsonl", "jsonl.gz", "txt", "csv"])
def test_lines_are_read_block_by_block(s3, put, monkeypatch, extension):
    monkeypatch.setattr("spacy_lstm_sentiment.records.opening.BLOCK", 10_000)
    lines = [os.urandom(20).hex() for _ in range(5000)]
    if extension.startswith("jsonl"):
        lines = [json.dumps({"text": line}) for line in lines]
    data = "\n".join(["text", *lines] if extension == "csv" else lines).encode()
    url = put(f"a.{extension}", gzip.compress(data) if extension.endswith("gz") else data)
    rows = read_records(url)
    first = next(rows)
    assert n_gets(s3, url) < 6
    assert [row.raw for row in (first, *rows)] == lines
    assert n_gets(s3, url) > 6


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "stream.arrow"])
def test_columns_are_read_by_ranges(s3, put, name, monkeypatch):
    monkeypatch.setattr("spacy_lstm_sentiment.records.opening.BLOCK", 10_000)
    table = pyarrow.table({"text": [os.urandom(20).hex() for _ in range(20_000)]})
    if name == "a.parquet":
        pyarrow.parquet.write_table(table, name, row_group_size=1000)
    elif name == "a.arrow":
        pyarrow.feather.write_feather(table, name, compression="uncompressed", chunksize=1000)
    else:
        with pyarrow.ipc.new_stream(name, table.schema) as stream:
            stream.write_table(table, max_chunksize=1000)
    url = put(name, Path(name).read_bytes())
    rows = read_records(url)
    first = next(rows)
    n_first = n_gets(s3, url)
    assert [row.fields["text"] for row in (first, *rows)] == table["text"].to_pylist()
    assert n_first < 10 < n_gets(s3, url)


def test_a_scored_folder_is_scored_again(s3, put, nlp):
    text = '{"text": "good"}\n'
    url = put("in.jsonl", (text * 3 + "broken\n" + text * 4).encode())
    scored = put("scored/", b"")
    bulk.score([url], scored, nlp, shard_size=2, n_process=2, quiet=True)
    again = bulk.score([scored], "again.jsonl", nlp, prefix="again_", quiet=True)
    assert (again.n_scored, again.n_rejected) == (7, 0)
    assert len(find_inputs([scored])) > 2
    sources = find_sources([scored], Path.cwd())  # as insights reads it
    assert [source.columns for source in sources] == [("text", "label", "score", "sentiment")]


def test_no_output_is_in_what_is_read(put):
    inside = put("scored/part-1.jsonl", b"{}")
    folder = inside.rpartition("/")[0] + "/"
    pattern = folder.replace("scored/", "**/*.jsonl")
    with pytest.raises(InputError, match="is an input: name another output"):
        check_folder(folder, [pattern], find_inputs([pattern]))


def test_an_object_that_has_changed_is_another_input(put, nlp, tmp_path):
    url = put("in.jsonl", b'{"text": "good"}\n{"text": "good"}\n')
    for named in (url, url.replace("in.jsonl", "*.jsonl"), url.rpartition("/")[0]):
        (path,) = find_inputs([named])
        assert make_manifest(nlp, [path], {}).inputs == {url: pin_input(url)}
    bulk.score([url], "scored/", nlp, shard_size=1, part="1/2")
    put("in.jsonl", b'{"text": "evil"}\n{"text": "good"}\n')
    with pytest.raises(InputError, match=r"in\.jsonl as it was before it changed"):
        bulk.score([url], "scored/", nlp, shard_size=1, part="2/2")
    put("in.jsonl", b'{"text": "good"}\n{"text": "good"}\n')
    bulk.score([url], "scored/", nlp, shard_size=1, part="2/2")
    assert bulk.score([url], "scored/", nlp, shard_size=1, finish=True).n_scored == 2


def test_an_object_that_vanishes_is_a_reject(put):
    a, b = (put(f"{name}.txt", f"{name}\n".encode()) for name in "ab")
    (split,) = as_one([a, b])
    rows = read_split(Inputs([]), Columns("text", None, []), split)
    assert next(rows).raw == "a"
    fsspec.filesystem("s3").rm_file(b)
    (bad,) = rows
    assert isinstance(bad, BadRecord)
    assert (bad.source, bad.line) == (b, 1)
    assert bad.reason.startswith(f"no longer to be read: {b}: no such file")


@pytest.mark.parametrize("kind", ["replaced", "removed", "cut", "denied"])
def test_rows_before_a_failure_are_read_and_the_rest_is_a_reject(s3, put, kind, monkeypatch):
    monkeypatch.setattr("spacy_lstm_sentiment.records.opening.BLOCK", 10_000)
    lines = random_lines(2000)
    url = put("a.jsonl", "\n".join(lines).encode())
    (path,) = find_inputs([url.rpartition("/")[0]])
    rows = read_records(path)
    first = next(rows)
    if kind == "replaced":
        put("a.jsonl", "\n".join(random_lines(2000)).encode())
    elif kind == "removed":
        fsspec.filesystem("s3").rm_file(url)
    elif kind == "cut":
        s3.cut = lambda method, path: 500 if path.endswith("a.jsonl") else None
    else:
        s3.fail = lambda method, path: "403 Forbidden" if path.endswith("a.jsonl") else None
    *good, bad = first, *rows
    assert 100 < len(good) < 1000
    assert [row.raw for row in good] == lines[: len(good)]
    assert (bad.source, bad.line) == (url, len(good) + 1)
    assert bad.reason.startswith("the file broke off: ")
    assert bad.reason.endswith("the rows from here on are lost, fetch it again")


@pytest.mark.parametrize("trouble", ["fail", "cut"])
def test_what_fails_now_and_then_costs_time_and_no_row(s3, put, trouble, monkeypatch):
    monkeypatch.delenv("AWS_MAX_ATTEMPTS")
    monkeypatch.setattr("spacy_lstm_sentiment.records.opening.BLOCK", 10_000)
    lines = random_lines(2000)
    url = put("a.jsonl", "\n".join(lines).encode())
    turn = count()
    answer = "503 Slow Down" if trouble == "fail" else 500
    setattr(s3, trouble, lambda method, path: answer if next(turn) % 4 == 3 else None)
    (path,) = find_inputs([url.rpartition("/")[0]])
    assert [row.raw for row in read_records(path)] == lines
    assert next(turn) > 8


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("403 Forbidden", "Forbidden|AccessDenied"),  # a HEAD has no code
        ("500 Internal Server Error", "Internal"),
        ("503 Slow Down", "SlowDown|503"),
    ],
)
@pytest.mark.parametrize(
    ("method", "name"), [("HEAD", "a.jsonl"), ("GET", "a.jsonl"), ("GET", ""), ("GET", "*.jsonl")]
)
def test_a_server_that_refuses_ends_in_a_line(s3, put, nlp, status, reason, name, method):
    url = put("a.jsonl", b'{"text": "good"}\n').removesuffix("a.jsonl") + name
    s3.fail = lambda asked, path: status if asked == method else None
    with pytest.raises(InputError, match=reason) as caught:
        bulk.score([url], "out.jsonl", nlp)
    assert str(caught.value).startswith(url.removesuffix("*.jsonl"))
    assert "\n" not in str(caught.value)
    assert not list(Path().iterdir())


@pytest.mark.parametrize("url", ["s3://nobody/a.jsonl", "s3://nobody/", "s3://nobody/*.jsonl"])
def test_a_bucket_that_is_not_there(s3, url):
    with pytest.raises(InputError, match="bucket does not exist"):
        find_inputs([url])


@pytest.mark.parametrize(("scheme", "extra"), [("gs", "gcs"), ("az", "azure")])
@pytest.mark.parametrize("find", [find_inputs, lambda names: list(read_records(names[0]))])
def test_what_is_not_installed_is_named(scheme, extra, find, monkeypatch):
    for module in ("gcsfs", "adlfs"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(InputError, match=rf'pip install "spacy-lstm-sentiment\[{extra}\]"'):
        find([f"{scheme}://bucket/a.jsonl"])
