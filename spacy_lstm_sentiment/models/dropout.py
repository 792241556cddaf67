"""What a layer is to drop in training."""

from spacy_lstm_sentiment.settings import require_share


def dropout_attrs(owner: str, rate: float | None) -> dict[str, float]:
    """The attributes of a layer that drops at a fixed rate, or at the one that training sets.

    RAISES InputError: The rate, `dropout` of its owner, is no share.
    """
    if rate is not None:
        require_share(f"{owner}: dropout", rate)
    return {"dropout_rate": 0.0} if rate is None else {"fixed_dropout_rate": rate}
