"""URLs of inputs: which may be read, and what of them may be shown."""

from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from spacy_lstm_sentiment.errors import InputError

SCHEMES = ("https", "s3", "gs", "az")
HIDDEN = "..."


def is_url(path: str) -> bool:
    """Whether a path is a URL: s3://, gs://, https:// and so on."""
    return "://" in path


def check_url(url: str) -> None:
    """Raise InputError for a URL that leads to what is not meant to be read."""
    if url.partition("://")[0].lower() not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise InputError(f"{shown(url)}: only {known} are read; name a local file by its path")


def shown(path: str) -> str:
    """A path as messages and files may have it: of a URL, without user, password and query."""
    if not is_url(path):
        return path
    parts = _split(path)
    if parts is None:
        return f"{path.partition('://')[0]}://{HIDDEN}"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def without_secrets(text: str, path: str) -> str:
    """What a library says of a URL, without those parts of it that are not shown."""
    if not is_url(path) or path == shown(path):
        return text
    text = text.replace(path, shown(path))
    for secret in sorted(_secrets(path), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _secrets(url: str) -> set[str]:
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
