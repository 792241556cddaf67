"""Inputs by URL: read from few kinds of places, and shown without what is secret."""

import gzip
import json
import ssl
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which

import pytest

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk.manifest import make_manifest
from spacy_lstm_sentiment.bulk.sources import read_records
from spacy_lstm_sentiment.bulk.urls import shown, without_secrets
from spacy_lstm_sentiment.errors import InputError

SECRETS = ("jo", "pa%40ss", "pa@ss", "c0ffee", "signed")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server(tmp_path, monkeypatch):
    """host:port of an HTTPS server of a folder of its own, which requests trusts."""
    if not which("openssl"):
        pytest.skip("needs openssl, which makes a certificate: apt-get install openssl")
    (tmp_path / "served").mkdir()
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    options += ["-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"]
    subprocess.run(["openssl", "req", *options, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(tmp_path / "served"))

    httpd = ThreadingHTTPServer(("localhost", 0), Handler)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"localhost:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


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
    with pytest.raises(InputError, match=r"https://localhost:1/a\.jsonl: cannot") as caught:
        bulk.score([url], "out.jsonl", nlp)
    assert not any(secret in str(caught.value) for secret in SECRETS)


def test_a_url_is_read(server):
    (Path("served") / "a.txt.gz").write_bytes(gzip.compress(b"one\n"))
    (row,) = read_records(f"https://{server}/a.txt.gz?signed=c0ffee")
    assert (row.fields, row.source) == ({"text": "one"}, f"https://{server}/a.txt.gz")
    with pytest.raises(InputError, match=r"gone\.txt: cannot be opened: "):
        list(read_records(f"https://{server}/gone.txt"))


@pytest.mark.parametrize("extension", ["jsonl", "csv"])
def test_secrets_are_in_no_file_of_a_run(nlp, server, extension):
    path = Path("served") / f"a.{extension}"
    if extension == "jsonl":
        path.write_text('{"text": "good"}\n{"text": 5}\n')
    else:
        path.write_text("text\ngood\nbad,worse\n")
    url = f"https://jo:pa%40ss@{server}/a.{extension}?X-Amz-Signature=c0ffee&signed=1"
    summary = bulk.score([url], f"out.{extension}", nlp)
    assert (summary.n_scored, summary.n_rejected) == (1, 1)
    rejects = Path(f"out.{extension}.rejects.jsonl").read_text()
    assert json.loads(rejects)["source"] == f"https://{server}/a.{extension}"
    manifest = make_manifest(nlp, [url, f"{url}2"], {}).to_json()
    for text in (rejects, manifest, str(summary)):
        assert not any(secret in text for secret in SECRETS)
    assert list(json.loads(manifest)["inputs"]) == [shown(url), f"{shown(url)} (2)"]


def test_paths_are_shown_as_they_are():
    for path in ("a?b=c.jsonl", "jo:pass@host/a.csv", "-", "s3://bucket/key.csv"):
        assert shown(path) == path
        assert without_secrets(f"{path}: jo", path) == f"{path}: jo"
