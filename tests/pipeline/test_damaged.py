"""Pipelines that were cut short, mixed up or written by a later version."""

import pytest
import spacy
import srsly
from safetensors.numpy import load
from small_pipeline import make_vectors_nlp

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models import torch_shim
from spacy_lstm_sentiment.models.word_table import tables_of


@pytest.fixture
def saved(trained_nlp, tmp_path):
    trained_nlp.to_disk(tmp_path)
    return tmp_path


def assert_one_clear_error(folder, match):
    with pytest.raises(InputError, match=match) as error:
        spacy.load(folder)
    assert "\n" not in str(error.value)
    assert str(folder / "lstm_sentiment") in str(error.value)


def damage(path, share=None, flip=None, at=None):
    data = bytearray(path.read_bytes())
    if at is not None:
        data[at] ^= 0x01
    if share is not None:
        del data[int(len(data) * share) :]
    if flip is not None:
        data[int(len(data) * flip)] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("with_checksum", [True, False])
def test_truncated_model(saved, share, with_checksum):
    damage(saved / "lstm_sentiment" / "model", share=share)
    if not with_checksum:
        (saved / "lstm_sentiment" / "checksum.json").unlink()
    assert_one_clear_error(saved, "checksum is wrong" if with_checksum else "cannot be loaded")


@pytest.mark.parametrize("position", [0.01, 0.3, 0.6, 0.95])
def test_a_single_wrong_byte(saved, position):
    damage(saved / "lstm_sentiment" / "model", flip=position)
    assert_one_clear_error(saved, "checksum is wrong")


def test_a_wrong_byte_anywhere_in_the_table_of_words(saved):
    """Keys, rows and vectors have nothing else to be known by."""
    path = saved / "lstm_sentiment" / "model"
    (table,) = tables_of(spacy.load(saved).get_pipe("lstm_sentiment").model)
    data = path.read_bytes()
    for part in (table.keys, table.rows, table.vectors):
        place = data.index(part.tobytes())
        for byte in (place, place + part.nbytes // 2, place + part.nbytes - 1):
            damage(path, at=byte)
            assert_one_clear_error(saved, "checksum is wrong")
            path.write_bytes(data)
    assert spacy.load(saved)("good").cats


@pytest.mark.parametrize("name", ["model", "cfg"])
def test_missing_or_empty_part(saved, name):
    path = saved / "lstm_sentiment" / name
    path.write_bytes(b"")
    assert_one_clear_error(saved, "cannot be loaded")
    path.unlink()
    assert_one_clear_error(saved, "cannot be loaded")


@pytest.mark.parametrize(
    ("change", "value"),
    [("width", 20), ("depth", 2), ("bidirectional", False)],
)
def test_config_of_another_model(saved, change, value):
    config = spacy.util.load_config(saved / "config.cfg")
    model = config["components"]["lstm_sentiment"]["model"]
    model["tok2vec"]["encode"][change] = value
    config.to_disk(saved / "config.cfg")
    assert_one_clear_error(saved, "config was changed")


def test_weights_of_a_later_format(trained_nlp, tmp_path, monkeypatch):
    monkeypatch.setattr(torch_shim, "FORMAT_VERSION", 2)
    trained_nlp.to_disk(tmp_path)
    monkeypatch.undo()
    assert_one_clear_error(tmp_path, "not in format 1")


def test_nothing_is_unpickled(saved, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("unpickled")

    for function in ("pickle.load", "pickle.loads", "torch.load"):
        monkeypatch.setattr(function, refuse)
    assert spacy.load(saved)("good").cats


def test_a_part_can_be_saved_alone(trained_nlp, tmp_path):
    trained_nlp.get_pipe("lstm_sentiment").to_disk(tmp_path, exclude=["model"])
    assert not (tmp_path / "checksum.json").exists()


def shims_of(message):
    for node, shims in zip(message["nodes"], message["shims"], strict=True):
        yield from ((node["name"], data) for data in shims)


def test_weights_are_safetensors(saved):
    message = srsly.msgpack_loads((saved / "lstm_sentiment" / "model").read_bytes())
    (table,) = (data for name, data in shims_of(message) if name == "static_vectors")
    assert set(load(table)) == {"attr", "keys", "rows", "vectors"}
    others = (data for name, data in shims_of(message) if name != "static_vectors")
    shims = [srsly.msgpack_loads(data) for data in others]
    shims.sort(key=lambda shim: -len(shim["weights"]))
    assert [shim["version"] for shim in shims] == [torch_shim.FORMAT_VERSION] * 2
    assert set(load(shims[0]["weights"])) == {
        f"layers.0.{kind}_{part}_l0{direction}"
        for kind in ("weight", "bias")
        for part in ("ih", "hh")
        for direction in ("", "_reverse")
    }


def test_text_beyond_the_limit_says_what_to_do():
    nlp = make_vectors_nlp()
    nlp.max_length = 10
    with pytest.raises(ValueError, match=r"nlp\.max_length"):
        nlp("a text that is longer than that")
