import pytest
import spacy
from small_pipeline import make_vectors_nlp

from spacy_lstm_sentiment.errors import InputError

TEXT = "I loved this film! The book was dreadful. It was."


@pytest.fixture(scope="module")
def nlp(trained_nlp):
    """Scores documents and sets their sentence boundaries."""
    nlp = spacy.blank("en")
    nlp.vocab.vectors = trained_nlp.vocab.vectors
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("lstm_sentiment", source=trained_nlp)
    return nlp


def test_sentences_score_as_documents_of_their_own(nlp):
    doc = nlp(TEXT)
    scored = doc._.sentiment_by_sentence
    assert [sentence.text for sentence, _ in scored] == [sent.text for sent in doc.sents]
    for sentence, sentiment in scored:
        assert sentiment == pytest.approx(nlp(sentence.text)._.sentiment, abs=1e-6)
        assert sentence._.sentiment == pytest.approx(sentiment, abs=1e-6)
    assert scored[0][1] > 0 > scored[1][1]


def test_one_batch_for_all_sentences(nlp, monkeypatch):
    doc = nlp(TEXT)
    component = nlp.get_pipe("lstm_sentiment")
    batches = []
    predict = component.predict
    monkeypatch.setattr(component, "predict", lambda docs: batches.append(docs) or predict(docs))
    assert len(doc._.sentiment_by_sentence) == 3
    assert [len(batch) for batch in batches] == [3]


def test_scoring_parts_leaves_the_document_alone(nlp):
    doc = nlp(TEXT)
    before = dict(doc.cats), doc.sentiment
    assert doc._.sentiment_by_sentence
    assert (doc.cats, doc.sentiment) == before


def test_any_span(nlp):
    doc = nlp(TEXT)
    assert doc[0:3]._.sentiment == pytest.approx(nlp("I loved this")._.sentiment, abs=1e-6)
    assert -1.0 <= doc[0:0]._.sentiment <= 1.0
    assert doc[0:0]._.sentiment == pytest.approx(nlp("")._.sentiment)


def test_no_boundaries_is_an_error_that_suggests_a_sentencizer(trained_nlp):
    with pytest.raises(InputError, match="sentencizer"):
        trained_nlp(TEXT)._.sentiment_by_sentence  # noqa: B018


def test_after_several_processes(trained_nlp, tmp_path):
    trained_nlp.to_disk(tmp_path)
    nlp = spacy.load(tmp_path)
    nlp.add_pipe("sentencizer")
    doc, other = nlp.pipe([TEXT, TEXT], n_process=2, batch_size=1)
    assert [score for _, score in doc._.sentiment_by_sentence] == pytest.approx(
        [score for _, score in nlp(TEXT)._.sentiment_by_sentence], abs=1e-6
    )
    assert other[0:3]._.sentiment == pytest.approx(doc[0:3]._.sentiment)


def test_empty_document(nlp):
    assert nlp("")._.sentiment_by_sentence == []


def test_the_pipeline_has_to_be_there():
    doc = make_vectors_nlp()("good film")
    with pytest.raises(InputError, match="keep that pipeline"):
        doc[0:1]._.sentiment  # noqa: B018
