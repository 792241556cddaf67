"""Averages the weights of two pipelines of which one has gone on learning from the other.

    python scripts/average.py BEFORE AFTER OUTPUT

The mean is often better at what each is good at than either (Wortsman et al., 2022).
"""

import sys
from pathlib import Path

import spacy
from thinc.api import Model

from spacy_lstm_sentiment.models.table_shim import TableShim
from spacy_lstm_sentiment.models.torch_shim import TorchShim


def main(before: Path, after: Path, output: Path) -> None:
    model = spacy.load(before).get_pipe("lstm_sentiment").model
    nlp = spacy.load(after)
    average(model, nlp.get_pipe("lstm_sentiment").model)
    nlp.to_disk(output)


def average(model: Model, other: Model) -> None:
    """Set the weights of `other` to the means of both models', which have the same layers."""
    for layer, changed in zip(model.walk(), other.walk(), strict=True):
        for name in changed.param_names:
            both = layer.get_param(name), changed.get_param(name)
            changed.set_param(name, sum(weights.astype("float32") for weights in both) / 2.0)
        for shim, changed_shim in zip(layer.shims, changed.shims, strict=True):
            if isinstance(changed_shim, TableShim) and shim.to_bytes() != changed_shim.to_bytes():
                raise SystemExit("Error: the pipelines have other words or vectors: no mean is one")
            if isinstance(changed_shim, TorchShim):
                states = shim.module.state_dict(), changed_shim.module.state_dict()
                means = {
                    name: (states[0][name].float() + states[1][name].float()) / 2.0
                    for name in states[1]
                }
                changed_shim.module.float().load_state_dict(means)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
