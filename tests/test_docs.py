"""docs/api.md names everything public."""

import inspect
import re
import runpy
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
import spacy
import typer
from spacy.language import Language
from spacy.tokens.underscore import Underscore
from spacy.util import load_config

import spacy_lstm_sentiment
from spacy_lstm_sentiment.bulk import RayCluster, Summary, score
from spacy_lstm_sentiment.cli import app
from spacy_lstm_sentiment.models.lstm_encoder import LSTMEncoder
from spacy_lstm_sentiment.models.ngrams import NgramBag
from spacy_lstm_sentiment.models.static_vectors import StaticVectors
from spacy_lstm_sentiment.models.text_classifier import TextClassifier
from spacy_lstm_sentiment.models.word_table import WordTable
from spacy_lstm_sentiment.pipeline import attributes, component
from spacy_lstm_sentiment.pipeline.explain import Explanation
from spacy_lstm_sentiment.pipeline.tokenizers import CleaningTokenizer
from spacy_lstm_sentiment.training.batching import batch_by_length
from spacy_lstm_sentiment.training.calibration import Calibration, calibrate
from spacy_lstm_sentiment.training.corpus import ReviewCorpus
from spacy_lstm_sentiment.training.tensorboard_logger import TensorBoardLogger

ROOT = Path(__file__).parents[1]
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^#{2,4} (.+)\n((?:(?!^#{2,4} ).*\n)*)", API, re.MULTILINE))
FACTORY = Language.get_factory_meta("lstm_sentiment")
COMMANDS = typer.main.get_command(app).commands
SHARED = ("config", "explain", "insights")  # names of commands that others have for a heading


def test_tables_are_those_that_the_code_makes():
    script = runpy.run_path(str(ROOT / "scripts" / "reference.py"))
    made = script["updated"](API)
    assert made == API, "run: python scripts/reference.py"
    named = set(re.findall(r"<!-- (?:options|settings) of (\S+) -->", API))
    takes_settings = {
        name
        for name, point in script["POINTS"].items()
        if point.group not in ("spacy_factories", "spacy_cli")
        and inspect.signature(point.load()).parameters
    }
    assert named >= {*COMMANDS, *takes_settings, "lstm_sentiment"}


def assert_named(names, text, where="docs/api.md"):
    """All names are in code marks in the text."""
    code = set(re.findall(r"`([^`\n]+)`", text))
    missing = [name for name in names if name not in code]
    assert not missing, f"{where} does not name: {', '.join(missing)}"


def keys_of(config: dict, block: str = "") -> Iterator[str]:
    """Names of settings, and dotted names of blocks."""
    for key, value in config.items():
        yield f"{block}{key}" if isinstance(value, dict) else key
        if isinstance(value, dict):
            yield from keys_of(value, f"{block}{key}.")


def public(owner: type) -> list[str]:
    """Fields, properties and methods of a dataclass; methods with their arguments."""
    names = list(owner.__dataclass_fields__)
    for name, member in vars(owner).items():
        if isinstance(member, property):
            names.append(name)
        elif inspect.isfunction(member) and not name.startswith("_"):
            names.append(f"{name}({', '.join(list(inspect.signature(member).parameters)[1:])})")
    return names


def test_entry_points():
    points = distribution("spacy-lstm-sentiment").entry_points
    missing = [point.name for point in points if point.name not in API]
    assert not missing, f"docs/api.md does not name: {', '.join(missing)}"


def test_config_of_the_factory():
    names = set(keys_of(FACTORY.default_config)) - {"@scorers"}
    assert_named(names, SECTIONS["Config"], "Config")


@pytest.mark.parametrize(
    ("section", "function"),
    [
        ("spacy-lstm-sentiment.TextClassifier.v1", TextClassifier),
        ("spacy-lstm-sentiment.StaticVectors.v1", StaticVectors),
        ("spacy-lstm-sentiment.WordTable.v1", WordTable),
        ("spacy-lstm-sentiment.LSTMEncoder.v1", LSTMEncoder),
        ("spacy-lstm-sentiment.NgramBag.v1", NgramBag),
        ("spacy-lstm-sentiment.batch_by_length.v1", batch_by_length),
        ("spacy-lstm-sentiment.ReviewCorpus.v1", ReviewCorpus),
        ("spacy-lstm-sentiment.TensorBoardLogger.v1", TensorBoardLogger),
        ("spacy-lstm-sentiment.CleaningTokenizer.v1", CleaningTokenizer),
        ("load", spacy_lstm_sentiment.load),
        ("score_texts", spacy_lstm_sentiment.score_texts),
        ("explain", spacy_lstm_sentiment.explain),
        ("render", spacy_lstm_sentiment.render),
        ("bulk.score", score),
        ("calibrate(nlp, examples)", calibrate),
    ],
)
def test_arguments(section, function):
    assert_named(inspect.signature(function).parameters, SECTIONS[section], section)


@pytest.mark.parametrize(
    ("section", "owner"),
    [
        ("Explanation", Explanation),
        ("RayCluster", RayCluster),
        ("Summary", Summary),
        ("calibrate(nlp, examples)", Calibration),
    ],
)
def test_members(section, owner):
    assert_named(public(owner), SECTIONS[section], section)


def test_extensions():
    """Of our own getters under their usual name: other tests register others."""
    spacy.blank("en").add_pipe("lstm_sentiment")
    names = [
        f"{kind}._.{name}"
        for kind, extensions in (
            ("doc", Underscore.doc_extensions),
            ("span", Underscore.span_extensions),
        )
        for name, (_, _, getter, _) in extensions.items()
        if isinstance(getter, attributes.Getter) and getter.attribute == "sentiment"
    ]
    assert names
    assert_named({*names, *FACTORY.assigns}, SECTIONS["Attributes"], "Attributes")


def test_what_is_saved_beside_the_model():
    component = spacy.blank("en").add_pipe("lstm_sentiment_en")
    assert_named(component.cfg, SECTIONS["LSTMSentiment.to_disk"])


def test_how_much_of_a_document_the_configs_read():
    section = SECTIONS["Long documents"]
    read = {
        name: load_config(ROOT / "configs" / f"{name}.cfg", interpolate=False)["components"]
        for name in ("lstm", "tutorial")
    }
    assert read["lstm"]["lstm_sentiment"]["model"]["max_length"] == 0
    assert "nothing is cut. So does [configs/lstm.cfg]" in section
    most = read["tutorial"]["lstm_sentiment"]["model"]["max_length"]
    assert f"(../configs/tutorial.cfg) reads the first {most} tokens" in section


def test_labels():
    labels = [name for name in vars(attributes) if name.isupper()]
    assert labels
    assert_named(labels, SECTIONS["Labels"], "Labels")


def test_default_scores():
    assert_named(FACTORY.default_score_weights, SECTIONS["Scores"], "Scores")


def test_methods():
    methods = [
        name
        for name, member in vars(component.LSTMSentiment).items()
        if inspect.isfunction(member) and not name.startswith("_")
    ]
    missing = [name for name in methods if f"LSTMSentiment.{name}" not in SECTIONS]
    assert not missing, f"docs/api.md has no section on: {', '.join(missing)}"


@pytest.mark.parametrize("command", COMMANDS)
def test_options_of_commands(command):
    parameters = COMMANDS[command].params
    options = [
        option
        for parameter in parameters
        if parameter.param_type_name == "option"
        for option in [*parameter.opts, *parameter.secondary_opts]
    ]
    arguments = [p.name.upper() for p in parameters if p.param_type_name == "argument"]
    section = f"{command} command" if command in SHARED else command
    assert_named([*options, *arguments], SECTIONS[section], f"section {section}")
