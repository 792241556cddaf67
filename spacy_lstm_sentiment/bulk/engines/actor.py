"""What a node of a Ray cluster does: it holds a pipeline, and scores a shard at a time."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import spacy
from spacy import Language
from spacy.util import load_model_from_config

import spacy_lstm_sentiment
from spacy_lstm_sentiment.bulk.engines.base import Event, Failure, attempt
from spacy_lstm_sentiment.bulk.plan import Plan
from spacy_lstm_sentiment.bulk.reader import Work
from spacy_lstm_sentiment.errors import InputError, one_line


@dataclass(frozen=True)
class Pipeline:
    """A pipeline as it travels: nothing that is in it has to be a file on the nodes."""

    config: dict[str, Any]
    meta: dict[str, Any]
    content: bytes
    max_length: int

    @classmethod
    def of(cls, nlp: Language) -> "Pipeline":
        """A pipeline, packed."""
        return cls(nlp.config, nlp.meta, nlp.to_bytes(), nlp.max_length)

    def unpack(self) -> Language:
        """The pipeline, on whatever device is asked for here."""
        nlp = load_model_from_config(self.config, meta=self.meta).from_bytes(self.content)
        nlp.max_length = self.max_length
        return nlp


@dataclass(frozen=True)
class ActorSetup:
    """What an actor has to know.

    probe: a file in the folder of the parts, if there is one, from which it knows that it sees the
    folder that is meant. version: of this package, where the run was started.
    """

    plan: Plan
    pipeline: Pipeline
    probe: Path | None
    version: str
    n_threads: int
    on_gpu: bool

    def problem(self) -> str | None:
        """Why this machine cannot take part."""
        ours = spacy_lstm_sentiment.__version__
        if ours != self.version:
            return f"has version {ours} of spacy-lstm-sentiment, not {self.version}: install that"
        if self.probe is None:
            return None
        if not self.probe.exists():
            return (
                f"does not see {self.probe.parent}: name an --output that all nodes have under"
                " the same path"
            )
        if not os.access(self.probe.parent, os.W_OK):
            return f"must not write into {self.probe.parent}: let its user do so"
        return None


@contextmanager
def probe_in(folder: Path | None) -> Iterator[Path | None]:
    """A file in a folder by which another machine can tell that it sees the same one."""
    if folder is None:
        yield None
        return
    probe = folder / f"{uuid4().hex}.probe"
    probe.touch()
    try:
        yield probe
    finally:
        probe.unlink(missing_ok=True)


class Started(NamedTuple):
    """Where an actor is, and why it cannot work, if so."""

    node: str
    host: str
    problem: str | None


class Actor:
    """Scores shards; made a Ray actor by the engine."""

    def start(self, setup: ActorSetup) -> Started:
        """Load the pipeline."""
        import ray

        node, host = ray.get_runtime_context().get_node_id(), socket.gethostname()
        problem = setup.problem()
        if problem is None:
            try:
                self._load(setup)
            except Exception as error:  # whatever the node lacks
                problem = f"cannot load the pipeline: {one_line(error)}"
        return Started(node, host, problem)

    def score(self, work: Work) -> list[Event] | InputError:
        """Do work, and tell how it went; the last event may be a failure."""
        events: list[Event] = []
        try:
            events.extend(attempt(self._plan, self._scorer, work))
        except InputError as error:
            return error
        except OSError as error:  # this node's, perhaps; it may not be sent as it is
            events.append(Failure(one_line(error)))
        return events

    def _load(self, setup: ActorSetup) -> None:
        import torch

        if setup.on_gpu:
            spacy.require_gpu()
        torch.set_num_threads(setup.n_threads)
        self._plan = setup.plan
        self._scorer = setup.plan.scorer(setup.pipeline.unpack())
