import contextlib
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import srsly
from spacy.cli.train import train
from spacy.util import load_config
from thinc.api import Config
from training_files import write_training_files

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.tuning import (
    FINISHED,
    apply_values,
    default_parameters,
    open_study,
    parse_parameter,
    run_trials,
)

ROOT = Path(__file__).parents[2]
WIDTH = "components.lstm_sentiment.model.tok2vec.encode.width"
RATE = "training.optimizer.learn_rate"


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_training_files(tmp_path)
    return load_config("train.cfg")


def finished(study):
    return study.get_trials(states=FINISHED)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b=log:1e-4..1e-2", (1e-4, 1e-2, None, True, ())),
        ("a.b=0.0..0.5", (0.0, 0.5, None, False, ())),
        ("a.b=1..3", (1, 3, None, False, ())),
        ("a.b=32..256/32", (32, 256, 32, False, ())),
        ("a.b=-1.5..-0.5", (-1.5, -0.5, None, False, ())),
        ("a.b=Adam.v1,SGD.v1", (0, 0, None, False, ("Adam.v1", "SGD.v1"))),
        ("a.b=true,null,3,x", (0, 0, None, False, (True, None, 3, "x"))),
        ("paths.vectors=../a,../b", (0, 0, None, False, ("../a", "../b"))),
    ],
)
def test_specifications(text, expected):
    found = parse_parameter(text)
    assert (found.low, found.high, found.step, found.logarithmic, found.choices) == expected


@pytest.mark.parametrize("text", ["a", "a=", "=1..2", "a=2..1", "a=log:0..1", "a=x..y", "a=1..z"])
def test_wrong_specifications(text):
    with pytest.raises(InputError, match="--param"):
        parse_parameter(text)


def test_values_at_dotted_keys(config):
    changed = apply_values(config, {WIDTH: 32, RATE: 0.1})
    assert changed["components"]["lstm_sentiment"]["model"]["tok2vec"]["encode"]["width"] == 32
    assert changed["training"]["optimizer"]["learn_rate"] == 0.1  # in place of a schedule
    assert config["training"]["optimizer"]["learn_rate"] != 0.1
    with pytest.raises(InputError, match="no such key"):
        apply_values(config, {"training.optimizer.speed": 1})


def test_another_optimizer_takes_only_its_settings(config):
    optimizer = apply_values(config, {"training.optimizer.@optimizers": "SGD.v1"})["training"][
        "optimizer"
    ]
    assert optimizer["@optimizers"] == "SGD.v1"
    assert "learn_rate" in optimizer
    assert "beta1" not in optimizer


@pytest.mark.parametrize("name", ["lstm.cfg", "tutorial.cfg"])
def test_the_default_parameters_are_in_our_configs(name):
    config = load_config(ROOT / "configs" / name)
    for parameter in default_parameters(config):
        apply_values(config, {parameter.key: (*parameter.choices, parameter.low)[0]})


def test_a_study_finds_the_better_value_and_its_config_trains(config):
    parameters = [parse_parameter(f"{RATE}=1e-9,0.01")]
    study = open_study(Path("study.db"), config, parameters, 0)
    run_trials(study, config, parameters, 5)
    assert len(finished(study)) == 5
    assert study.best_params == {RATE: 0.01}
    apply_values(config, study.best_params).to_disk("best.cfg")
    train("best.cfg", "output")
    best = max(srsly.read_jsonl("output/training.jsonl"), key=lambda record: record["score"])
    assert best["score"] == study.best_value
    assert best["step"] == study.best_trial.user_attrs["best_step"]


def test_a_trial_that_lags_is_pruned(config):
    parameters = [parse_parameter(f"{RATE}=0.01,1e-9")]
    study = open_study(Path("study.db"), config, parameters, 0)
    for value in (0.01, 0.01, 0.01, 0.01, 1e-9):
        study.enqueue_trial({RATE: value})
    run_trials(study, config, parameters, 5)
    assert [trial.state.name for trial in study.trials] == [*["COMPLETE"] * 4, "PRUNED"]
    assert max(study.trials[-1].intermediate_values) < 12


def test_a_study_is_gone_on_with(config):
    parameters = [parse_parameter(f"{RATE}=log:1e-4..1e-2")]
    for n_trials in (2, 3, 3):
        run_trials(
            open_study(Path("study.db"), config, parameters, 0), config, parameters, n_trials
        )
    study = open_study(Path("study.db"), config, parameters, 0)
    assert len(finished(study)) == 3
    assert len({trial.params[RATE] for trial in study.trials}) == 3, "no value is tried again"


def test_a_study_of_something_else_is_refused(config):
    parameters = [parse_parameter(f"{RATE}=0.1,0.2")]
    open_study(Path("study.db"), config, parameters, 0)
    with pytest.raises(InputError, match="other --param"):
        open_study(Path("study.db"), config, [parse_parameter(f"{RATE}=0.1,0.3")], 0)
    changed = Config(apply_values(config, {"training.max_steps": 5}))
    with pytest.raises(InputError, match="another config"):
        open_study(Path("study.db"), changed, parameters, 0)


def test_a_config_that_cannot_be_used_is_one_line(config):
    parameters = [parse_parameter("training.max_epochs=none,never")]
    study = open_study(Path("study.db"), config, parameters, 0)
    with pytest.raises(InputError, match="the config cannot be used") as caught:
        run_trials(study, config, parameters, 1)
    assert "\n" not in str(caught.value)


def test_a_killed_search_is_gone_on_with(config):
    """The trial that was running when the process died is not counted."""
    command = [sys.executable, "-m", "spacy_lstm_sentiment", "tune", "train.cfg"]
    command += ["--output", "tuning", "--param", f"{RATE}=log:1e-4..1e-2", "--trials"]
    process = subprocess.Popen([*command, "1000"], stdout=subprocess.DEVNULL)
    try:
        while not _n_finished():
            assert process.poll() is None, "it stopped of itself"
            time.sleep(0.2)
    finally:
        process.kill()
        process.wait()
    n_trials = _n_finished() + 2
    subprocess.run([*command, str(n_trials)], check=True, capture_output=True)
    assert _n_finished() == n_trials
    assert Path("tuning/best.cfg").exists()


def _n_finished():
    """Read without Optuna, which would make the tables beside the process that makes them."""
    if not Path("tuning/study.db").exists():
        return 0
    with contextlib.closing(sqlite3.connect("file:tuning/study.db?mode=ro", uri=True)) as study:
        try:
            query = "SELECT count(*) FROM trials WHERE state IN ('COMPLETE', 'PRUNED')"
            return study.execute(query).fetchone()[0]
        except sqlite3.OperationalError:  # no table in it yet, or locked for a moment
            return 0
