"""A study's trials, told and drawn."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from optuna.importance import get_param_importances
from optuna.trial import TrialState

from spacy_lstm_sentiment.reports.charts import parameter_chart, trials_chart
from spacy_lstm_sentiment.reports.report import Chart, Report, Section, Table, number, percent
from spacy_lstm_sentiment.training.tuning import Parameter

LEAST_FOR_IMPORTANCE = 4  # trials


def describe_study(study: Any, parameters: Sequence[Parameter], config: Path) -> Report:
    best = study.best_trial
    complete = study.get_trials(states=[TrialState.COMPLETE])
    pruned = study.get_trials(states=[TrialState.PRUNED])
    summary = (
        f"The best of {len(complete) + len(pruned)} trials, {len(pruned)} of which were pruned, is "
        f"trial {best.number} with a score of {number(best.value)} at step "
        f"{best.user_attrs['best_step']:,}. Train it: spacy train {config} --output FOLDER"
    )
    sections = [
        Section("Best trial", [_best_table(best)]),
        Section("Trials", [*_charts(complete, parameters), _trials_table(complete + pruned)]),
    ]
    importance = _importance(study, complete)
    if importance:
        rows = [[name, percent(value)] for name, value in importance.items()]
        table = Table("Share of the score's variance", ["parameter", "share"], rows)
        sections.append(Section("Importance", [table]))
    data = {
        "best": _plain(best),
        "trials": [_plain(trial) for trial in complete + pruned],
        "importance": importance,
        "config": str(config),
    }
    return Report("Tuning", summary, sections, data)


def _best_table(best: Any) -> Table:
    rows = [[name, _cell(value)] for name, value in best.params.items()]
    return Table("Settings of the best trial", ["parameter", "value"], rows)


def _charts(complete: list[Any], parameters: Sequence[Parameter]) -> list[Chart]:
    charts = [trials_chart([(trial.number, trial.value) for trial in complete])]
    for parameter in parameters:
        points = [(trial.params[parameter.key], trial.value) for trial in complete]
        charts.append(parameter_chart(parameter.key, points, parameter.logarithmic))
    return charts


def _trials_table(trials: list[Any]) -> Table:
    names = list(trials[0].params)
    rows = [
        [
            str(trial.number),
            *(_cell(trial.params[name]) for name in names),
            number(_score(trial)),
            str(trial.user_attrs["best_step"]),
            "pruned" if trial.state == TrialState.PRUNED else "",
        ]
        for trial in sorted(trials, key=lambda trial: -_score(trial))
    ]
    header = ["trial", *(name.rpartition(".")[2] for name in names), "score", "step", "note"]
    return Table("Best first; a pruned trial has the score that it had by then", header, rows)


def _score(trial: Any) -> float:
    """A pruned trial's value is that of its last evaluation, the best until then."""
    return float(trial.value)


def _importance(study: Any, complete: list[Any]) -> dict[str, float]:
    varied = len({trial.value for trial in complete}) > 1
    if len(complete) < LEAST_FOR_IMPORTANCE or not varied:
        return {}
    return dict(get_param_importances(study))


def _cell(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)


def _plain(trial: Any) -> dict[str, Any]:
    return {
        "number": trial.number,
        "state": trial.state.name.lower(),
        "score": _score(trial),
        "step": trial.user_attrs["best_step"],
        "params": trial.params,
    }
