"""URLs of inputs: which may be read, and what of them may be shown."""

import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from spacy_lstm_sentiment.errors import InputError

OBJECT_STORAGE = ("s3", "gs", "az")
SCHEMES = ("https", *OBJECT_STORAGE)
HIDDEN = "..."

ANY_URL = re.compile(r"(?<!\w)\w+://[^\s'\"<>]+")
# In object storage, ? and # are letters of a name, and ? is one of a pattern, but for this.
QUERY = re.compile(r"\?[\w.-]+=.*", re.DOTALL)


def is_url(path: str) -> bool:
    """Whether a path is a URL: s3://, gs://, https:// and so on."""
    return "://" in path


def scheme_of(url: str) -> str:
    """What a URL begins with, in lower case: s3, gs, https and so on."""
    return url.partition("://")[0].lower()


def is_object(path: str) -> bool:
    """Whether a path is a URL of object storage, where there are folders and patterns."""
    return is_url(path) and scheme_of(path) in OBJECT_STORAGE


def check_url(url: str) -> None:
    """Raise InputError for a URL that leads to what is not meant to be read."""
    if scheme_of(url) not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise InputError(f"{shown(url)}: only {known} are read; name a local file by its path")


def name_of(path: str) -> str:
    """The last part of a path, without a URL's query."""
    return Path(path if is_object(path) else shown(path)).name


def shown(path: str) -> str:
    """A path as messages and files may have it: of a URL, without user, password and query."""
    if not is_url(path):
        return path
    if is_object(path):
        scheme, _, rest = QUERY.sub("", path).partition("://")
        bucket, slash, key = rest.partition("/")
        return f"{scheme}://{bucket.rpartition('@')[2]}{slash}{key}"
    parts = _split(path)
    if parts is None:
        return f"{path.partition('://')[0]}://{HIDDEN}"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def reason_of(error: Exception, path: str) -> str:
    """What has gone wrong with a path, in a line without secrets."""
    # Of whatever a web server answers, fsspec makes a file that is not there.
    cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
    text = " ".join(str(cause).split()) or type(cause).__name__
    return without_secrets(text, path)


def without_secrets(text: str, path: str) -> str:
    """What a library says of a URL, without those parts of it that are not shown.

    Nor those of another, to which a server has led on.
    """
    if not is_url(path):
        return text
    text = text.replace(path, shown(path))
    for secret in sorted(_secrets(path), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return ANY_URL.sub(lambda url: shown(url[0]), text)


def _secrets(url: str) -> set[str]:
    if url == shown(url):
        return set()
    parts = _split(url)
    if parts is None:
        return {url.partition("://")[2]}
    user = parts.netloc.rpartition("@")[0]
    found = {user, *user.split(":", 1), parts.query, parts.fragment}
    found |= {value for _, value in parse_qsl(parts.query)}
    return {each for secret in found for each in (secret, unquote(secret)) if each}


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # brackets in the place of the host
        return None
