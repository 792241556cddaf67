"""`spacy-lstm-sentiment distill`, from files to a file that a student trains on."""

import sys

import pytest
import spacy
from small_pipeline import REVIEWS, SMALL_MODEL, make_examples, make_vectors_nlp
from spacy.tokens import DocBin
from spacy.training import Corpus
from tiny_encoder import write_encoder

from spacy_lstm_sentiment.cli import main


@pytest.fixture
def run(trained_nlp, monkeypatch, capsys, tmp_path):
    """Runs the command where there are `teacher`, gold.spacy and text.spacy."""
    monkeypatch.chdir(tmp_path)
    trained_nlp.to_disk("teacher")
    nlp = spacy.blank("en")
    DocBin(docs=[e.reference for e in make_examples(nlp, REVIEWS * 2)]).to_disk("gold.spacy")
    DocBin(docs=[nlp(f"{text} It is a film.") for text, _ in REVIEWS]).to_disk("text.spacy")

    def run_command(*args):
        monkeypatch.setattr(sys, "argv", ["spacy-lstm-sentiment", "distill", *args])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code or 0, *capsys.readouterr()

    return run_command


def read(name):
    return list(DocBin().from_disk(name).get_docs(spacy.blank("en").vocab))


def test_a_student_learns_from_the_teachers(run):
    args = ["--teacher", "teacher", "--ngrams-of", "gold.spacy"]
    code, out, _ = run("text.spacy", "soft/text.spacy", *args)
    assert code == 0
    assert "6 documents, labelled by 2 teachers" in out
    docs = read("soft/text.spacy")
    assert [doc.text for doc in docs] == [doc.text for doc in read("text.spacy")]
    assert any(0.05 < doc.cats["POSITIVE"] < 0.95 for doc in docs)
    student = make_vectors_nlp()
    student.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL})
    examples = list(Corpus("soft/text.spacy")(student))
    optimizer = student.initialize(lambda: examples)
    optimizer.learn_rate = 0.02
    for _ in range(60):
        student.update(examples, sgd=optimizer)
    for doc in docs:
        predicted = student(doc.text).cats["POSITIVE"]
        assert predicted == pytest.approx(doc.cats["POSITIVE"], abs=0.1)


def test_ngrams_alone_know_the_labels(run):
    assert run("gold.spacy", "soft.spacy", "--ngrams-of", "gold.spacy")[0] == 0
    for gold, soft in zip(read("gold.spacy"), read("soft.spacy"), strict=True):
        assert (soft.cats["POSITIVE"] > 0.5) == (gold.cats["POSITIVE"] == 1.0)


def test_sentences(run):
    code, out, _ = run("text.spacy", "s.spacy", "--teacher", "teacher", "--sentences", "8")
    assert code == 0
    assert "8 documents, labelled by 1 teachers" in out
    texts = [doc.text for doc in read("text.spacy")]
    sentences = [doc.text for doc in read("s.spacy")]
    assert all(any(sentence.strip() in text for text in texts) for sentence in sentences)
    assert not set(sentences) & set(texts[:5])


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["text.spacy", "out.spacy"], 2, "--teacher"),
        (["text.spacy", "out.txt", "--teacher", "teacher"], 2, ".spacy"),
        (["none.spacy", "out.spacy", "--teacher", "teacher"], 2, "does not exist"),
        (["text.spacy", "out.spacy", "--teacher", "."], 1, "cannot be loaded"),
        (["text.spacy", "out.spacy", "--ngrams-of", "text.spacy"], 1, "no documents labelled"),
        (["teacher/meta.json", "out.spacy", "--teacher", "teacher"], 1, "not a .spacy file"),
    ],
)
def test_bad_input_is_one_line(run, args, code, message):
    found, _, err = run(*args)
    assert found == code
    assert message in " ".join(err.split())
    assert "Traceback" not in err


def test_a_fine_tuned_encoder_teaches_three_labels(run, monkeypatch, tmp_path):
    write_encoder(tmp_path / "encoder")
    nlp = spacy.blank("en")
    gold = {"the film was great": "POSITIVE", "awful plot": "NEGATIVE", "on tuesday": "NEUTRAL"}
    docs = []
    for text, label in list(gold.items()) * 40:
        docs.append(nlp(text))
        docs[-1].cats = {name: float(name == label) for name in set(gold.values())}
    DocBin(docs=docs).to_disk("three.spacy")
    command = ["spacy-lstm-sentiment", "finetune", "three.spacy", "--output", "fine"]
    command += ["--encoder", "encoder", "--epochs", "12", "--learn-rate", "0.005"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    code, out, _ = run("three.spacy", "out.spacy", "--teacher", "fine", "--teacher", "teacher")
    assert code == 0
    assert "120 documents, labelled by 2 teachers" in out
    labelled = {doc.text: doc.cats for doc in read("out.spacy")}
    assert labelled["on tuesday"]["NEUTRAL"] > 0.5
    assert labelled["awful plot"]["NEUTRAL"] < 0.5
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 1
