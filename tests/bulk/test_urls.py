"""Inputs by URL: read from few kinds of places, and shown without what is secret."""

import gzip
import json
import os
from pathlib import Path

import pyarrow
import pyarrow.feather
import pyarrow.parquet
import pytest
from web_server import web_server

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk.manifest import make_manifest, pin_input
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.reading import read_records
from spacy_lstm_sentiment.records.urls import shown, without_secrets

SECRETS = ("jo", "pa%40ss", "pa@ss", "c0ffee", "signed")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def site(tmp_path_factory):
    with web_server(tmp_path_factory.mktemp("server")) as site:
        yield site


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/a.jsonl",
        "file:///etc/passwd",
        "FILE:///a.jsonl",
        "ssh://jo:pa%40ss@host/a.jsonl",
        "hdfs://host/a.jsonl?signed=c0ffee",
        "ftp://host/a.csv",
        "odd+s3://host/a.parquet",
        "://a.jsonl",
        "x://[/a.jsonl",
    ],
)
def test_other_schemes_are_refused(nlp, url):
    with pytest.raises(InputError, match="only https://, s3://, gs://, az:// are read") as caught:
        bulk.score([url], "out.jsonl", nlp)
    assert not any(secret in str(caught.value) for secret in SECRETS)
    assert not list(Path().iterdir())


def test_what_cannot_be_opened_is_told_without_secrets(nlp):
    url = "https://jo:pa%40ss@localhost:1/a.jsonl?X-Amz-Signature=c0ffee&signed#signed"
    with pytest.raises(InputError, match=r"https://localhost:1/a\.jsonl: Cannot") as caught:
        bulk.score([url], "out.jsonl", nlp)
    assert not any(secret in str(caught.value) for secret in SECRETS)


def test_a_url_is_read(site):
    site.files["/a.txt.gz"] = gzip.compress(b"one\n")
    (row,) = read_records(f"{site.url}/a.txt.gz?signed=c0ffee")
    assert (row.fields, row.source) == ({"text": "one"}, f"{site.url}/a.txt.gz")


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 503])
def test_what_a_server_refuses_is_told(site, status, nlp):
    site.status = status
    url = f"{site.url}/a.jsonl?X-Amz-Signature=c0ffee".replace("://", "://jo:pa%40ss@")
    with pytest.raises(InputError, match=rf"/a\.jsonl: {status}\b") as caught:
        bulk.score([url], "out.jsonl", nlp)
    assert not any(secret in str(caught.value) for secret in SECRETS)
    assert "\n" not in str(caught.value)
    assert not list(Path().iterdir())


def test_where_a_server_leads_on_is_told_without_its_secrets(site):
    site.status = 302
    site.headers = {"Location": "https://localhost:1/b?X-Amz-Signature=c0ffee"}
    with pytest.raises(InputError, match="localhost:1") as caught:
        list(read_records(f"{site.url}/a.jsonl"))
    assert "c0ffee" not in str(caught.value)


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.txt"])
def test_bytes_are_those_that_are_stored(site, name, ranges):
    lines = [json.dumps({"text": os.urandom(20).hex()}) for _ in range(5000)]
    data = "\n".join(lines).encode()
    site.files[f"/{name}"] = gzip.compress(data) if name.endswith("gz") else data
    site.headers = {"Content-Encoding": "gzip"} if name.endswith("gz") else {}
    site.ranges = ranges
    assert [row.raw for row in read_records(f"{site.url}/{name}")] == lines


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_an_answer_that_is_cut_short_is_a_reject(site, name):
    lines = [json.dumps({"text": os.urandom(400).hex()}) for _ in range(5000)]
    data = "\n".join(lines).encode()
    site.files[f"/{name}"] = data = gzip.compress(data) if name.endswith("gz") else data
    site.cut = len(data) // 2
    *good, bad = read_records(f"{site.url}/{name}?signed=c0ffee")
    assert [row.raw for row in good] == lines[: len(good)]
    assert 1000 < len(good) < 2501
    assert "the rows from here on are lost" in bad.reason
    assert "c0ffee" not in bad.reason


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_columns_are_read_by_ranges_or_refused(site, name):
    table = pyarrow.table({"text": [os.urandom(20).hex() for _ in range(5000)]})
    write = pyarrow.parquet.write_table if name == "a.parquet" else pyarrow.feather.write_feather
    write(table, name)
    site.files[f"/{name}"] = Path(name).read_bytes()
    rows = read_records(f"{site.url}/{name}?signed=c0ffee")
    assert [row.fields["text"] for row in rows] == table["text"].to_pylist()
    site.ranges = False
    with pytest.raises(InputError, match=r"no byte ranges, by which .* fetch the file first"):
        list(read_records(f"{site.url}/{name}"))


def test_a_page_that_has_changed_is_another_input(site):
    url = f"{site.url}/a.jsonl"
    site.files["/a.jsonl"] = b'{"text": "good"}\n'
    for header in ("ETag", "Last-Modified"):
        site.headers = {header: "1"}
        pin = pin_input(url)
        assert pin == pin_input(url)
        site.headers = {header: "2"}
        assert pin != pin_input(url)
    site.headers = {}  # a server that says nothing but how long it is
    pin = pin_input(url)
    assert pin == pin_input(url)
    site.files["/a.jsonl"] = b'{"text": "evil"}\n'
    assert pin != pin_input(url)


@pytest.mark.parametrize("extension", ["jsonl", "csv"])
def test_secrets_are_in_no_file_of_a_run(nlp, site, extension):
    rows = {"jsonl": b'{"text": "good"}\n{"text": 5}\n', "csv": b"text\ngood\nbad,worse\n"}
    site.files[f"/a.{extension}"] = rows[extension]
    host = site.url.removeprefix("https://")
    url = f"https://jo:pa%40ss@{host}/a.{extension}?X-Amz-Signature=c0ffee&signed=1"
    summary = bulk.score([url], f"out.{extension}", nlp)
    assert (summary.n_scored, summary.n_rejected) == (1, 1)
    rejects = Path(f"out.{extension}.rejects.jsonl").read_text()
    assert json.loads(rejects)["source"] == f"{site.url}/a.{extension}"
    manifest = make_manifest(nlp, [url, f"{url}2"], {}).to_json()
    for text in (rejects, manifest, str(summary)):
        assert not any(secret in text for secret in SECRETS)
    assert list(json.loads(manifest)["inputs"]) == [shown(url), f"{shown(url)} (2)"]


@pytest.mark.parametrize(
    ("url", "is_shown"),
    [
        ("s3://jo:pa%40ss@bucket/a.csv?signed=c0ffee", "s3://bucket/a.csv"),
        ("s3://bucket/why?.csv", "s3://bucket/why?.csv"),
        ("gs://bucket/a b#1?.csv", "gs://bucket/a b#1?.csv"),
        ("az://jo:pa%40ss@box/*.csv", "az://box/*.csv"),
        ("https://jo:pa%40ss@host/a.csv?signed#c0ffee", "https://host/a.csv"),
    ],
)
def test_urls_are_shown_without_secrets(url, is_shown):
    assert shown(url) == is_shown
    assert without_secrets(f"{url}: 5", url) == f"{is_shown}: 5"


def test_paths_are_shown_as_they_are():
    for path in ("a?b=c.jsonl", "jo:pass@host/a.csv", "-", "s3://bucket/key.csv"):
        assert shown(path) == path
        assert without_secrets(f"{path}: jo", path) == f"{path}: jo"
