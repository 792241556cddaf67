"""Rows of files, to compare with."""


def fields(rows) -> list[dict]:
    """What is in each of some records."""
    return [row.fields for row in rows]
