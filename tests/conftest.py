import os

os.environ.setdefault("TQDM_DISABLE", "1")
# Threads of tiny models only wait for each other, for ever so long on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from examples import TIMES, up_to
from hypothesis import settings
from small_pipeline import SMALL_MODEL, make_examples, make_vectors_nlp, train_small
from spacy.cli.train import train
from spacy.language import Language
from thinc.api import fix_random_seed
from training_files import write_training_files

settings.register_profile("suite", max_examples=up_to(100), deadline=None, derandomize=TIMES == 1)
settings.load_profile("suite")


@pytest.fixture
def vectors_nlp() -> Language:
    return make_vectors_nlp()


@pytest.fixture(scope="session")
def trained_nlp() -> Language:
    """A trained pipeline; tests must not change it."""
    fix_random_seed(0)
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL})
    train_small(nlp, make_examples(nlp))
    return nlp


@pytest.fixture(scope="session")
def training_folder(tmp_path_factory):
    """The output of a training with all loggers."""
    folder = tmp_path_factory.mktemp("training")
    write_training_files(folder)
    train(folder / "train.cfg", folder / "output")
    return folder / "output"
