"""The component with architectures that are not ours."""

import pytest
from small_pipeline import make_examples, make_vectors_nlp, train_small
from spacy.pipeline.textcat import (
    single_label_bow_config,
    single_label_cnn_config,
    single_label_default_config,
)
from thinc.api import Config

TEXTS = ["I loved it!", "", "Dull.", "\n"]


@pytest.mark.parametrize(
    "config", [single_label_default_config, single_label_bow_config, single_label_cnn_config]
)
def test_empty_texts_have_zeros_alone_and_in_any_batch(config):
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment", config=Config().from_str(config))
    train_small(nlp, make_examples(nlp), steps=2)
    alone = [nlp(text).cats for text in TEXTS]
    assert alone[1] == {"POSITIVE": 0.0, "NEGATIVE": 0.0}
    for cats, text, doc in zip(alone, TEXTS, nlp.pipe(TEXTS), strict=True):
        assert doc.cats == pytest.approx(cats, abs=1e-6), text
        assert sum(doc.cats.values()) == pytest.approx(float(bool(text)))
    assert [doc.cats for doc in nlp.pipe(["", ""])] == [alone[1]] * 2
    assert nlp("")._.sentiment == 0.0
