"""Rows of Parquet and Arrow files."""

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, BinaryIO

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.arrow import (
    BATCH,
    as_bytes,
    compact,
    decoded,
    import_arrow,
    recast,
)
from spacy_lstm_sentiment.records.blocks import Block
from spacy_lstm_sentiment.records.memory import wants_memory
from spacy_lstm_sentiment.records.opening import open_stored, split_extension
from spacy_lstm_sentiment.records.ranges import Range, require_same
from spacy_lstm_sentiment.records.record import BadRecord
from spacy_lstm_sentiment.records.urls import reason_of, shown


def read_arrow(path: str, piece: Range | None = None) -> Generator[Block | BadRecord, None, int]:
    """Blocks of the rows of a file, or of its row groups or record batches in a range.

    The lines are the numbers of the rows, from 1; returns how many there were.
    """
    pa = import_arrow(path)
    number = 0
    with closing(open_stored(path, seekable=True)) as file:
        try:
            if piece is not None:
                require_same(path, file, piece)
            for batch in _batches(pa, path, file, piece):
                for part in _parts(pa, batch):
                    yield Block(shown(path), number + 1, part)
                    number += part.num_rows
        except InputError:
            raise
        except Exception as error:  # of whatever kind a damaged file brings about
            if wants_memory(error):
                raise
            where = "in this piece of it " if piece else ""
            reason = f"broken file: {reason_of(error, path)}; the rows from here on {where}are lost"
            yield BadRecord(shown(path), number + 1, "", f"{reason}, fetch it again")
            number = max(number, _n_rows(pa, path, file, piece))
    return number


def sizes_of_pieces(path: str) -> list[int]:
    """The bytes of each row group of a file of Parquet, or record batch of Arrow.

    One size for all of a file that has no index of them, or is broken.
    """
    pa = import_arrow(path)
    with closing(open_stored(path, seekable=True)) as file:
        size = file.seek(0, 2)
        file.seek(0)
        try:
            reader = _open(pa, path, file)
            if _is_parquet(path):
                metadata = reader.metadata
                groups = map(metadata.row_group, range(metadata.num_row_groups))
                return [group.total_byte_size for group in groups]
            n_batches = getattr(reader, "num_record_batches", 1) or 1
        except Exception as error:  # which whoever reads it has to tell of
            if wants_memory(error):
                raise
            return [size]
        return [size // n_batches] * n_batches


def _n_rows(pa: Any, path: str, file: BinaryIO, piece: Range | None) -> int:
    """How many rows a piece of a damaged file has, as far as its index tells."""
    if piece is None or not _is_parquet(path):
        return 0
    metadata = _open(pa, path, file).metadata
    return sum(metadata.row_group(n).num_rows for n in range(piece.start, piece.end))


def read_schema(path: str) -> Any:
    """The types of a file's columns."""
    pa = import_arrow(path)
    with closing(open_stored(path, seekable=True)) as file:
        return _schema(_open(pa, path, file))


def _is_parquet(path: str) -> bool:
    return split_extension(path)[0] == ".parquet"


def _open(pa: Any, path: str, file: BinaryIO) -> Any:
    if _is_parquet(path):
        # Row group by row group: read ahead, the whole file would be in memory.
        return pa.parquet.ParquetFile(file, pre_buffer=False)
    try:
        return pa.ipc.open_file(file)
    except pa.ArrowInvalid:
        file.seek(0)
        return pa.ipc.open_stream(file)


def _schema(reader: Any) -> Any:
    # A ParquetFile's schema is one of Parquet's own.
    return getattr(reader, "schema_arrow", reader.schema)


def _batches(pa: Any, path: str, file: BinaryIO, piece: Range | None) -> Iterator[Any]:
    reader = _open(pa, path, file)
    schema = _schema(reader)
    for name in schema.names:
        if schema.names.count(name) > 1:
            raise InputError(f'{shown(path)}: two columns are named "{name}": rename one')
    if _is_parquet(path):
        start, end = (piece.start, piece.end) if piece else (0, reader.num_row_groups)
        for group in range(start, end):  # those before a damaged one are not lost with it
            yield from reader.iter_batches(batch_size=BATCH, row_groups=[group])
    elif hasattr(reader, "num_record_batches"):
        start, end = (piece.start, piece.end) if piece else (0, reader.num_record_batches)
        yield from map(reader.get_batch, range(start, end))
    else:
        yield from reader


def _parts(pa: Any, batch: Any) -> Iterator[Any]:
    """A batch in parts of few rows, up to where it is damaged."""
    damage = _damage(pa, batch)
    for start in range(0, batch.num_rows, BATCH):
        part = batch.slice(start, BATCH)
        if damage and (error := _damage(pa, part)):
            raise error
        columns = [_packed(pa, column) for column in part.columns]
        yield pa.RecordBatch.from_arrays(columns, names=part.schema.names)


def _damage(pa: Any, batch: Any) -> Exception | None:
    """What is wrong with a batch, if something is."""
    # Damaged offsets would lead out of the memory. Texts are checked one by one later.
    try:
        for column in batch.columns:
            column.validate()
            recast(pa, column, as_bytes).validate(full=True)
    except pa.ArrowInvalid as error:
        return error
    return None


def _packed(pa: Any, column: Any) -> Any:
    """A column of a slice, with its own values and no others."""
    type = column.type
    if pa.types.is_dictionary(type):
        return column if _is_handy(pa, column) else decoded(pa, column)
    if pa.types.is_run_end_encoded(type) and compact(pa, type.value_type) == type.value_type:
        return pa.compute.run_end_decode(column)
    packed = recast(pa, column, compact)
    return pa.concat_arrays([packed]) if pa.types.is_nested(type) else packed


def _is_handy(pa: Any, column: Any) -> bool:
    """Whether a column's dictionary can go with each slice: its order may mean something."""
    values = column.dictionary
    if values.null_count or (len(values) > BATCH and not column.type.ordered):
        return False
    return _is_text(pa, values)


def _is_text(pa: Any, values: Any) -> bool:
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
