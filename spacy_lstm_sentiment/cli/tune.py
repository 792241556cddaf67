"""`spacy-lstm-sentiment tune`: the settings of a config that score best."""

from pathlib import Path
from typing import Annotated, Any

import typer

from spacy_lstm_sentiment.cli.pipelines import one_line
from spacy_lstm_sentiment.cli.report_options import Force, Html, Json, Png
from spacy_lstm_sentiment.errors import Conflict, InputError, require

# spaCy's overrides, such as --paths.train, are options of any name.
CONTEXT_SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}

ConfigFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="A config for `spacy train`.")
]
Output = Annotated[
    Path,
    typer.Option(
        file_okay=False,
        help="Folder of the study (study.db), which is gone on with if it is there, and of the "
        "best trial's config (best.cfg).",
    ),
]
Param = Annotated[
    list[str] | None,
    typer.Option(
        help="What to try: KEY=LOW..HIGH, KEY=log:LOW..HIGH, KEY=LOW..HIGH/STEP or KEY=A,B,C, for "
        "any key of the config. Can be repeated.",
        show_default="learning rate, optimizer, units, depth, dropout",
    ),
]
Trials = Annotated[
    int,
    typer.Option(
        min=1, help="Trials that the study shall have in all, those of earlier runs included."
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Random seed of the search.")]
GpuId = Annotated[int, typer.Option(min=-1, help="GPU to train on; -1 is the CPU.")]


def tune(
    context: typer.Context,
    config: ConfigFile,
    output: Output,
    param: Param = None,
    trials: Trials = 20,
    seed: Seed = 0,
    gpu_id: GpuId = -1,
    html: Html = None,
    json: Json = None,
    png: Png = None,
    force: Force = False,
) -> None:
    """Search for the settings that score best on dev, by Optuna; overrides as of `spacy train`.

    A trial that lags behind the others at an evaluation is pruned. Interrupt it at any time.
    """
    from spacy.util import load_config
    from tqdm import tqdm

    optuna = require("optuna", "tune", "Tuning")
    from spacy_lstm_sentiment.files import open_whole, require_distinct
    from spacy_lstm_sentiment.reports.outputs import Outputs
    from spacy_lstm_sentiment.reports.tuning_report import describe_study
    from spacy_lstm_sentiment.training import tuning

    outputs = Outputs(html, json, png, force)
    study_file, best = output / "study.db", output / "best.cfg"
    outputs.check(config, study_file, best)
    require_distinct({"the study": study_file, "the best config": best}, [config])
    if best.exists() and not study_file.exists():
        raise Conflict(f"{best}: there without a study, and would be replaced: move it away")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    _set_up_gpu(gpu_id)
    try:
        base = load_config(config, overrides=_overrides(context.args), interpolate=False)
    except ValueError as error:
        raise InputError(f"{config}: {one_line(error)}") from None
    parameters = [tuning.parse_parameter(text) for text in param or ()]
    parameters = parameters or tuning.default_parameters(base)
    tuning.apply_values(base, {p.key: (p.choices or (p.low,))[0] for p in parameters})
    study = tuning.open_study(study_file, base, parameters, seed)
    done = len(study.get_trials(states=tuning.FINISHED))
    with tqdm(total=trials, initial=done, desc="trials", disable=None) as bar:
        tuning.run_trials(
            study, base, parameters, trials, use_gpu=gpu_id, on_trial=lambda trial: bar.update()
        )
    with open_whole(best) as file:
        file.write(tuning.apply_values(base, study.best_params).to_bytes())
    outputs.write(describe_study(study, parameters, best))


def _overrides(args: list[str]) -> dict[str, Any]:
    from click import UsageError
    from spacy.cli._util import parse_config_overrides

    try:
        return parse_config_overrides(args)
    except UsageError as error:
        raise typer.BadParameter(error.format_message()) from None


def _set_up_gpu(gpu_id: int) -> None:
    from spacy.cli._util import setup_gpu

    try:
        setup_gpu(gpu_id, silent=True)
    except (ValueError, RuntimeError) as error:
        raise InputError(f"--gpu-id {gpu_id}: {one_line(error)}") from None
