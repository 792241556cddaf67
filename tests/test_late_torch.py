"""Thinc without torch until something imports it, and from then on as it always is."""

import re
import subprocess
import sys

import pytest
import spacy

import spacy_lstm_sentiment
from spacy_lstm_sentiment.late_torch import needs_no_torch

LATE = """
import sys
from spacy_lstm_sentiment.late_torch import import_torch_late

before = list(sys.meta_path)
import_torch_late()
import thinc.api, thinc.compat, thinc.util
assert "torch" not in sys.modules and not thinc.util.has_torch
"""

# What Thinc has noted of torch, in all of its modules, and that it works.
NOTED = """
import sys, torch, thinc.api, thinc.compat
for name, module in sorted(sys.modules.items()):
    if name.split(".")[0] == "thinc":
        for fact, value in sorted(vars(module).items()):
            if fact in vars(thinc.compat) and not fact.startswith("__"):
                print(name, fact, value)
import numpy
from thinc.api import PyTorchLSTM, PyTorchWrapper, fix_random_seed, torch2xp, xp2torch

fix_random_seed(0)
model = PyTorchWrapper(torch.nn.Linear(2, 3))
print(model.predict(numpy.ones((2, 2), "f")), model.to_bytes()[:0])
print(torch2xp(xp2torch(numpy.ones(2, "f"))), PyTorchLSTM(4, 4).name)
print(torch.__spec__, torch.__loader__, torch.__file__)
"""


def run(script):
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_thinc_is_as_it_always_is_once_torch_is_imported():
    found = run(LATE + NOTED + "assert sys.meta_path == before\n")
    assert "has_torch True" in found
    expected = run("import thinc.api\n" + NOTED)
    assert without_addresses(found) == without_addresses(expected)


def without_addresses(text):
    """Objects are elsewhere in each process."""
    return re.sub(r" at 0x\w+", "", text)


def test_threads_that_import_torch_at_once():
    work = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

barrier = Barrier(8)
def work(n):
    barrier.wait()
    import torch
    assert thinc.util.torch is torch and thinc.util.has_torch
with ThreadPoolExecutor(8) as pool:
    list(pool.map(work, range(8)))
assert sys.meta_path == before
"""
    run(LATE + work)


def test_an_import_that_fails_may_be_tried_again():
    again = """
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

class Broken(MetaPathFinder, Loader):
    def find_spec(self, fullname, path, target=None):
        return ModuleSpec("torch", self) if fullname == "torch" else None
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        raise OSError("no room")

broken = Broken()
sys.meta_path.insert(1, broken)
try:
    import torch
except OSError:
    sys.meta_path.remove(broken)
assert not thinc.util.has_torch
import torch
assert thinc.util.has_torch and thinc.util.torch is torch
assert sys.meta_path == before
"""
    run(LATE + again)


@pytest.mark.parametrize("first", ["torch", "thinc.api", "spacy"])
def test_where_one_of_them_is_there_nothing_changes(first):
    script = f"""
import sys, {first}
from spacy_lstm_sentiment.late_torch import import_torch_late
before, modules = list(sys.meta_path), set(sys.modules)
import_torch_late()
assert sys.meta_path == before and set(sys.modules) == modules
import thinc.util
assert thinc.util.has_torch
"""
    run(script)


def test_a_library_does_not_do_it():
    run(
        "import sys, spacy_lstm_sentiment; from spacy_lstm_sentiment import bulk\n"
        "import thinc.util; assert thinc.util.has_torch and 'torch' in sys.modules"
    )


def saved(nlp, folder, **changes):
    nlp.to_disk(folder)
    config = spacy.util.load_config(folder / "config.cfg")
    for name, value in changes.items():
        *sections, option = name.split("__")
        section = config
        for each in sections:
            section = section.setdefault(each, {})
        section[option] = value
    config.to_disk(folder / "config.cfg")
    return folder


def test_pipelines_of_ours_need_none(trained_nlp, tmp_path):
    assert needs_no_torch(spacy_lstm_sentiment.PRETRAINED)
    assert needs_no_torch(saved(trained_nlp, tmp_path))


@pytest.mark.parametrize(
    "changes",
    [
        {"components__other": {"factory": "transformer"}},
        {"components__lstm_sentiment__factory": "theirs"},
        {"components__lstm_sentiment__model__tok2vec__@architectures": "theirs.Layer.v1"},
        {"nlp__tokenizer": {"@tokenizers": "theirs"}},
        {"nlp__before_creation": {"@callbacks": "theirs.v1"}},
    ],
)
def test_those_with_something_of_others_may(trained_nlp, tmp_path, changes):
    assert not needs_no_torch(saved(trained_nlp, tmp_path, **changes))


def test_what_only_training_uses_does_not_count(trained_nlp, tmp_path):
    change = {"training__logger": {"@loggers": "theirs.v1"}}
    assert needs_no_torch(saved(trained_nlp, tmp_path, **change))


@pytest.mark.parametrize("content", [None, b"no config", b"\xff[nlp]", b"[nlp]\n[nlp]\n"])
def test_what_is_no_pipeline_may(tmp_path, content):
    if content is not None:
        (tmp_path / "config.cfg").write_bytes(content)
    assert not needs_no_torch(tmp_path)
