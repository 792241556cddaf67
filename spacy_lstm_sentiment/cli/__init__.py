"""The command line: arguments, messages and exit codes, one file a command.

A command imports spaCy and torch inside its function, so that `--help` answers at once.
"""

import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from spacy_lstm_sentiment.cli.calibrate import calibrate
from spacy_lstm_sentiment.cli.config import config
from spacy_lstm_sentiment.cli.convert import convert
from spacy_lstm_sentiment.cli.distill import distill
from spacy_lstm_sentiment.cli.evaluate import evaluate
from spacy_lstm_sentiment.cli.explain import explain
from spacy_lstm_sentiment.cli.finetune import finetune
from spacy_lstm_sentiment.cli.insights import insights
from spacy_lstm_sentiment.cli.plot import plot
from spacy_lstm_sentiment.cli.score import score
from spacy_lstm_sentiment.cli.stats import stats
from spacy_lstm_sentiment.cli.tune import CONTEXT_SETTINGS, tune
from spacy_lstm_sentiment.cli.vectors import vectors
from spacy_lstm_sentiment.errors import InputError, Interrupted


class OneLineErrors(TyperGroup):
    """Bad input, and an interrupt, is one line on standard error and an exit code, no traceback."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # a reader that left early is no error: Typer ends quietly
        except (InputError, OSError) as error:
            _exit(error)
        except KeyboardInterrupt:
            _exit(Interrupted("interrupted"))


def _exit(error: Exception) -> NoReturn:
    print(f"Error: {error}", file=sys.stderr)
    raise typer.Exit(getattr(error, "exit_code", 1)) from None


app = typer.Typer(
    name="spacy-lstm-sentiment",
    cls=OneLineErrors,
    help="Prepare data and vectors for lstm_sentiment pipelines, score files with them, and see "
    "what they do.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    config,
    convert,
    vectors,
    finetune,
    distill,
    calibrate,
    score,
    insights,
    stats,
    plot,
    evaluate,
    explain,
)
for command in COMMANDS:
    app.command()(command)
app.command(context_settings=CONTEXT_SETTINGS)(tune)


def main() -> None:
    """Run the command line."""
    app()
