"""What reading and writing Parquet and Arrow share."""

from importlib import import_module
from typing import Any

from spacy_lstm_sentiment.bulk.urls import shown
from spacy_lstm_sentiment.errors import require

ARROW = (".parquet", ".arrow")


def import_arrow(path: str) -> Any:
    """pyarrow; MissingExtra, which names the file that needs it, where it is not installed."""
    for module in ("pyarrow.ipc", "pyarrow.parquet"):
        require(module, "arrow", shown(path))
    return import_module("pyarrow")


def stand_in(pa: Any, type: Any) -> Any | None:
    """The type that stands for one whose values Python lacks or cuts: text for dates and moments,
    whole numbers for durations and nanoseconds of a day. None for one that stands for itself."""
    if pa.types.is_duration(type) or type == pa.time64("ns"):
        return pa.int64()
    if pa.types.is_date(type) or pa.types.is_timestamp(type):
        return pa.string()
    return None
