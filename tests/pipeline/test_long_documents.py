"""Documents of up to a million characters: read whole, in bounded memory."""

import subprocess
import sys

import pytest
from platforms import posix
from small_pipeline import SMALL_MODEL, make_examples, make_vectors_nlp

from spacy_lstm_sentiment.models.pytorch import lstm

SCRIPT = """
import resource
import sys

sys.path.insert(0, sys.argv[1])
from small_pipeline import make_examples, make_vectors_nlp

nlp = make_vectors_nlp()
nlp.add_pipe("lstm_sentiment")
nlp.initialize(lambda: make_examples(nlp))
text = "a good book . " * 70_000 + "not bad !"
doc = nlp.make_doc(text)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
nlp.get_pipe("lstm_sentiment")(doc)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(len(text), len(doc), (after - before) // 1024)
"""


@posix
def test_a_million_characters_in_bounded_memory(request):
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(request.config.rootpath / "tests")],
        capture_output=True,
        text=True,
        check=True,
    )
    characters, tokens, megabytes = map(int, result.stdout.split())
    assert characters > 980_000
    assert tokens > 250_000
    # The states of that many tokens alone, 256 floats each, take 290 MB.
    assert megabytes < 2000


@pytest.mark.parametrize("bidirectional", [True, False])
def test_steps_in_portions_change_nothing(monkeypatch, bidirectional):
    nlp = make_vectors_nlp()
    encode = {**SMALL_MODEL["tok2vec"]["encode"], "bidirectional": bidirectional, "depth": 2}
    nlp.add_pipe("lstm_sentiment", config={"model": {"tok2vec": {"encode": encode}}})
    nlp.initialize(lambda: make_examples(nlp))
    tok2vec = nlp.get_pipe("lstm_sentiment").model.get_ref("tok2vec")
    docs = [nlp.make_doc(text) for text in ("good " * 50, "a bad film", "", "dull " * 17)]
    whole = tok2vec.predict(docs)
    monkeypatch.setattr(lstm, "STEPS_AT_A_TIME", 7)
    for one, other in zip(tok2vec.predict(docs), whole, strict=True):
        assert one == pytest.approx(other, abs=1e-6)


def test_the_end_of_a_long_document_counts():
    nlp = make_vectors_nlp()
    pipe = nlp.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL})
    nlp.initialize(lambda: make_examples(nlp))
    read = pipe.model.layers[0]
    filler = "the " * 3000
    one, other = read.predict([nlp.make_doc(filler + word) for word in ("good", "dreadful")])
    assert abs(one - other).max() > 1e-3
