"""A stream of records in, a stream of scored records out."""

from spacy_lstm_sentiment.bulk.engines.cluster import RayCluster
from spacy_lstm_sentiment.bulk.scoring import score
from spacy_lstm_sentiment.bulk.summary import Summary

__all__ = ["RayCluster", "Summary", "score"]
