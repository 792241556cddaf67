"""Offers the same commands as `spacy lstm-sentiment ...`."""

from spacy.cli._util import app as spacy_app

from spacy_lstm_sentiment.cli import app as group

spacy_app.add_typer(group, name="lstm-sentiment")
