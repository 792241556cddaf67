"""What a batch comes to on which the pipeline fails."""

import logging

from spacy_lstm_sentiment.bulk.scorer import Scored, Scorer, ScoringOptions


def test_texts_are_scored_one_by_one_and_the_log_says_so_once(nlp, caplog):
    scorer = Scorer(nlp, ScoringOptions())
    with caplog.at_level(logging.DEBUG, "spacy_lstm_sentiment"):
        for _ in range(3):
            first, failed, last = scorer(["good", "explode", "bad"])
            assert isinstance(first, Scored)
            assert isinstance(last, Scored)
            assert failed == "the pipeline failed: RuntimeError: it went off"
    levels = [record.levelno for record in caplog.records]
    assert levels == [logging.WARNING, logging.DEBUG, logging.DEBUG]
    assert "one of 3 texts" in caplog.messages[0]
    assert "RuntimeError: it went off" in caplog.messages[0]
