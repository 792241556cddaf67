"""File systems behind URLs, through fsspec, and what goes wrong there, told in a line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.urls import check_url, reason_of, scheme_of, shown

# What to install for storage of each kind; https needs nothing more.
EXTRAS = {"s3": "s3", "gs": "gcs", "az": "azure"}
# What tells one version of a file from another, the surest first, as each storage calls it.
VERSIONS = ("ETag", "etag", "LastModified", "last_modified", "Last-Modified", "mtime")
# Seconds without a byte after which a web server is given up.
PATIENCE = 60


@contextmanager
def told_plainly(url: str) -> Iterator[None]:
    """Makes one line, without secrets, of whatever a library of some storage raises."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:  # each kind of storage has its own
        if isinstance(error, FileNotFoundError) and str(error) in url and not error.__cause__:
            raise InputError(f"{shown(url)}: no such file") from None
        reason = reason_of(error, url)
        raise InputError(f"{shown(url)}: {reason}: is it there, and may you use it?") from None


def open_file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it. RAISES InputError: There is none for it."""
    check_url(url)
    import fsspec

    scheme = scheme_of(url)
    try:
        kind = fsspec.get_filesystem_class(scheme)
    except ImportError:
        raise InputError(
            f'{shown(url)}: needs more: pip install "spacy-lstm-sentiment[{EXTRAS[scheme]}]"'
        ) from None
    # Not by `url_to_fs`, to which "::" in a name is a chain of file systems.
    path = kind._strip_protocol(scheme + url[len(scheme) :])
    return kind(**(_web_options() if scheme == "https" else {})), path


def version_in(info: dict[str, Any]) -> str | None:
    """Which version of a file it is that a file system tells of; a web server may not say."""
    return next((str(info[name]) for name in VERSIONS if info.get(name)), None)


def _web_options() -> dict[str, Any]:
    """Bytes as they are stored, for as long as they come, through the proxy if there is one."""
    import aiohttp

    return {
        "client_kwargs": {
            "auto_decompress": False,
            "headers": {"Accept-Encoding": "identity"},
            "timeout": aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE, sock_read=PATIENCE),
            "trust_env": True,
        }
    }
