"""An S3 server on loopback, which fails as it is told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

import fsspec
import pytest
from moto.server import ThreadedMotoServer

CODES = {"403": "AccessDenied", "500": "InternalError", "503": "SlowDown"}


class FlakyApp:
    """What answers requests: the server's own application, or an error in its place.

    fail: given a request's method and path, the status to answer with, or None. cut: given the
    same, after how many bytes the answer breaks off, or None.
    """

    def __init__(self, app):
        self.app = app
        self.heal()
        self.requests: list[tuple[str, str]] = []
        self.lock = threading.Lock()

    def heal(self):
        self.fail = self.cut = lambda method, path: None

    def __call__(self, environ, start_response):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        with self.lock:
            self.requests.append((method, path))
            status = self.fail(method, path)
            cut = self.cut(method, path)
        if status is None:
            answer = self.app(environ, start_response)
            return answer if cut is None else [b"".join(answer)[:cut]]
        start_response(status, [("Content-Type", "application/xml")])
        code = CODES[status[:3]]
        return [f"<Error><Code>{code}</Code><Message>told to</Message></Error>".encode()]


@contextmanager
def s3_server() -> Iterator[FlakyApp]:
    """A server with an empty bucket, which this process and those that it starts find by their
    environment; and what decides what fails."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    flaky = FlakyApp(server._server.app)
    server._server.app = flaky
    host, port = server.get_host_and_port()
    s3 = fsspec.get_filesystem_class("s3")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        # What a process has had of other tests: clients, and the state of the server's library.
        s3.clear_instance_cache()
        urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
        s3().mkdir("bucket")
        yield flaky
        s3.clear_instance_cache()
    server.stop()
