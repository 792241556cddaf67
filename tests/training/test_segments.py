from itertools import chain, islice

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.segments import SegmentCorpus

NLP = spacy.blank("en")
TEXTS = ["one two three four five", "six", "seven eight nine", *map(str, range(10, 30))]


@pytest.fixture
def folder(tmp_path):
    for number, texts in enumerate((TEXTS[:2], TEXTS[2:])):
        DocBin(docs=NLP.pipe(texts)).to_disk(tmp_path / f"{number}.spacy")
    return tmp_path


def test_segments_hold_every_token_once(folder):
    segments = [[token.text for token in doc] for doc in SegmentCorpus(folder, 2)(NLP)]
    assert max(map(len, segments)) == 2
    assert sorted(chain.from_iterable(segments)) == sorted(" ".join(TEXTS).split())
    assert ["one", "two"] in segments
    assert ["three", "four"] in segments
    assert ["five"] in segments


def test_each_epoch_has_an_order_of_its_own_that_the_seed_chooses(folder):
    def orders(seed):
        corpus = SegmentCorpus(folder, seed=seed)
        return [[doc.text for doc in corpus(NLP)] for _ in range(2)]

    first, second = orders(0)
    assert first != second
    assert sorted(first) == sorted(second)
    assert orders(0) == [first, second]
    assert orders(1)[0] != first


def test_a_single_file(folder):
    assert len(list(SegmentCorpus(folder / "0.spacy")(NLP))) == 2


@pytest.mark.parametrize("path", [None, "nowhere"])
def test_no_text(path):
    with pytest.raises(InputError, match=r"--paths\.raw_text"):
        list(islice(SegmentCorpus(path)(NLP), 1))


def test_no_documents(tmp_path):
    DocBin().to_disk(tmp_path / "empty.spacy")
    with pytest.raises(InputError, match="no documents"):
        list(islice(SegmentCorpus(tmp_path)(NLP), 1))


def test_segments_of_a_word_predict_nothing():
    with pytest.raises(InputError, match="2 or more"):
        SegmentCorpus("text", max_length=1)
