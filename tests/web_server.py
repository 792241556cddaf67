"""An HTTPS server of a folder on loopback, which fails as it is told to."""

import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which

import fsspec
import pytest


class Site:
    """What is served, and how.

    files: by their paths, without the query. ranges: whether it gives parts of them. headers: that
    go with each. status: that is answered instead. cut: bytes after which a body breaks off.
    """

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.ranges = True
        self.headers: dict[str, str] = {}
        self.status: int | None = None
        self.cut: int | None = None
        self.url = ""


def make_handler(site):
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer()

        def do_GET(self):
            body = self.answer()
            self.wfile.write(body[: site.cut])
            self.close_connection = site.cut is not None

        def answer(self):
            data = site.files.get(self.path.partition("?")[0])
            status = site.status or (404 if data is None else 200)
            if status != 200:
                data = b""
            wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if wanted and site.ranges and status == 200:
                start, end = map(int, wanted.groups())
                status, data = 206, data[start : end + 1]
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            for name, value in site.headers.items():
                self.send_header(name, value)
            self.end_headers()
            return data

        def log_message(self, *args):
            pass

    return Handler


@contextmanager
def web_server(folder: Path) -> Iterator[Site]:
    """A server, whose certificate fsspec trusts; made in the folder."""
    if not which("openssl"):
        pytest.skip("needs openssl, which makes a certificate: apt-get install openssl")
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    options += ["-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run(["openssl", "req", *options, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    site = Site()
    httpd = ThreadingHTTPServer(("localhost", 0), make_handler(site))
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    site.url = f"https://localhost:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    trusting = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(fsspec.config.conf, "https", {"ssl": trusting})
        yield site
    httpd.shutdown()
    thread.join()
    httpd.server_close()
