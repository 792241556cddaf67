"""Several threads predict with one pipeline, and every score is what one thread alone gives."""

import os
import subprocess
import sys

import pytest
from small_pipeline import make_examples, make_vectors_nlp, train_small

SCRIPT = """
import itertools, sys, threading
from concurrent.futures import ThreadPoolExecutor
import spacy, srsly
import spacy_lstm_sentiment

folder, corpus = sys.argv[1:]
THREADS, ROUNDS, TEXTS = 8, 100 if folder == "shipped" else 50, 12
load = spacy_lstm_sentiment.load if folder == "shipped" else lambda: spacy.load(folder)
texts = [record["text"] for record in itertools.islice(srsly.read_jsonl(corpus), THREADS * TEXTS)]
sys.setswitchinterval(1e-5)

alone = load()
expected = {text: alone(text).cats for text in texts}
batches = [tuple(texts[n::THREADS]) for n in range(THREADS)]
of_batch = {batch: [doc.cats for doc in alone.pipe(batch)] for batch in batches}


def first_calls(pool):
    # Nothing has been built yet, and all begin at once.
    nlp, barrier = load(), threading.Barrier(THREADS)
    def work(n):
        barrier.wait()
        assert nlp(texts[n]).cats == expected[texts[n]], texts[n]
    list(pool.map(work, range(THREADS)))


def many_calls(pool):
    nlp, done = load(), threading.Event()
    def work(n):
        for number in range(ROUNDS):
            if number % 50 == n:
                assert [doc.cats for doc in nlp.pipe(batches[n])] == of_batch[batches[n]]
            text = texts[(n * TEXTS + number) % len(texts)]
            assert nlp(text).cats == expected[text], text
    def save():
        data = nlp.to_bytes()
        while not done.wait(0.2):
            data = nlp.to_bytes()
        return data
    with ThreadPoolExecutor(1) as saver:
        saved = saver.submit(save)
        try:
            list(pool.map(work, range(THREADS)))
        finally:
            done.set()
    again = load().from_bytes(saved.result())
    assert again(texts[0]).cats == expected[texts[0]]


with ThreadPoolExecutor(THREADS) as pool:
    for _ in range(2 if folder == "shipped" else 10):
        first_calls(pool)
    many_calls(pool)
print("same")
"""


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    """A pipeline that no kernel reads: it runs layer by layer."""
    nlp = make_vectors_nlp()
    model = {"pooling": ["attention"], "tok2vec": {"encode": {"width": 16}}}
    nlp.add_pipe("lstm_sentiment", config={"model": model})
    train_small(nlp, make_examples(nlp))
    folder = tmp_path_factory.mktemp("layers")
    nlp.to_disk(folder)
    return folder


@pytest.fixture(scope="module")
def small(trained_nlp, tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    trained_nlp.to_disk(folder)
    return folder


@pytest.mark.parametrize(
    ("pipeline", "kernel"), [("shipped", ""), ("shipped", "torch"), ("small", ""), ("layers", "")]
)
def test_threads_give_what_one_gives(request, tmp_path, pipeline, kernel):
    folder = pipeline if pipeline == "shipped" else request.getfixturevalue(pipeline)
    env = {"SPACY_LSTM_SENTIMENT_KERNEL": kernel, "OMP_NUM_THREADS": "2"}
    corpus = request.config.rootpath / "corpus" / "train.jsonl"
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, folder, corpus],
        cwd=tmp_path,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.splitlines()[-1:] == ["same"], result.stderr
