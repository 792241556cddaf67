"""A library leaves its host as it found it: all that a process shares, seen before and after."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from loopback_cluster import loopback_cluster

SEEN = '''
import csv, faulthandler, gc, json, locale, logging, os, random, signal, sys, threading, warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy, pyarrow.parquet, spacy, spacy.training, torch
import sympy  # by torch, late; it sets a filter for its warnings

if "ray" in sys.argv:
    import ray

sys.path.insert(0, sys.argv[1])
from small_pipeline import make_examples, make_vectors_nlp, train_small


def in_new_thread(function):
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(function).result()


def arithmetic():
    tiny = torch.full((1 << 20,), 1e-40) * 1.0  # in torch's own threads as well
    one = float("1")  # what is constant is computed when the script is read
    return 1e-310 * one, bool((tiny == 0).any())


LOGGERS = [None, *logging.root.manager.loggerDict]  # libraries make more of their own


def loggers():
    found = [logging.getLogger(name) for name in LOGGERS]
    return [(each.name, each.level, list(each.handlers), each.disabled) for each in found]


def seen(random_state=True):
    """What a host may notice, by name."""
    states = {
        "random": random.getstate(),
        "numpy": str(numpy.random.get_state()),
        "torch": torch.get_rng_state().tolist(),
    }
    return {
        "float arithmetic": arithmetic(),
        "float arithmetic in a new thread": in_new_thread(arithmetic),
        "numpy errors": numpy.geterr(),
        "torch threads": torch.get_num_threads(),
        "torch threads in a new thread": in_new_thread(torch.get_num_threads),
        "gradients": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
        "default type": torch.get_default_dtype(),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "signal handlers": {each: signal.getsignal(each) for each in signal.valid_signals()},
        "held signals": signal.pthread_sigmask(signal.SIG_BLOCK, []),
        "csv limit": csv.field_size_limit(),
        "warnings filters": list(warnings.filters),
        "loggers": loggers(),
        "standard streams": [os.fstat(n)[:3] for n in range(3)] + [sys.stdout, sys.stderr],
        "recursion limit": sys.getrecursionlimit(),
        "locale": locale.setlocale(locale.LC_ALL),
        "hooks": (sys.excepthook, threading.excepthook, sys.unraisablehook),
        "faults": faulthandler.is_enabled(),
        "garbage collection": (gc.isenabled(), gc.get_threshold()),
        "module path": list(sys.path),
        "our finders": [each for each in sys.meta_path if "late_torch" in str(type(each))],
        **(states if random_state else {}),
    }


def compare(step, before, after):
    for name in before.keys() & after.keys():
        if before[name] != after[name]:
            if name == "environment":
                sys.exit(f"{step}: {name}: {before[name].items() ^ after[name].items()}")
            sys.exit(f"{step}: {name}: {str(before[name])[:500]} -> {str(after[name])[:500]}")


texts = ["A lovely day, and so much fun.", "It broke on the first day.", ""] * 100
rows = [{"id": n, "text": text} for n, text in enumerate(texts)]
Path("in.jsonl").write_text("".join(json.dumps(row) + "\\n" for row in rows))
'''

LOCAL = """
if __name__ == "__main__":
    forked = []
    register, os.register_at_fork = os.register_at_fork, lambda **hooks: forked.append(hooks)
    torch.set_num_threads(3)
    before = seen()
    import spacy_lstm_sentiment
    from spacy_lstm_sentiment import bulk
    compare("import", before, seen())
    nlp = spacy_lstm_sentiment.load()
    compare("load", before, seen())
    list(nlp.pipe(texts))
    compare("pipe", before, seen())
    list(nlp.pipe(texts, n_process=2, batch_size=50))
    compare("pipe in processes", before, seen())
    spacy_lstm_sentiment.explain(nlp("A lovely day."))
    compare("explain", before, seen())
    lines = ["id,text", *(f'{n},"{text}"' for n, text in enumerate(texts))]
    Path("in.csv").write_text("\\n".join(lines))
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), "in.parquet")
    for n_process in (1, 2):
        for format in ("jsonl", "csv", "parquet"):
            bulk.score([f"in.{format}"], f"out{n_process}.{format}", nlp=nlp, n_process=n_process)
            compare(f"score {format} in {n_process}", before, seen())
    small = make_vectors_nlp()
    small.add_pipe("lstm_sentiment")
    train_small(small, make_examples(small), steps=2)
    compare("train", before, seen(random_state=False))  # weights and dropout are drawn from it
    ours = [hooks for hooks in forked if "spacy_lstm" in str(hooks)]
    assert not ours, ours
    print("as it was")
"""


RAY = """
import spacy_lstm_sentiment
from spacy_lstm_sentiment import bulk

OF_THE_IMPORT = {"hooks", "module path", "warnings filters"}


def everything():
    here = seen()
    if "ray" not in sys.argv:  # which leaves its marks, whoever imports it
        here = {name: value for name, value in here.items() if name not in OF_THE_IMPORT}
    return {**here, "threads": sorted(thread.name for thread in threading.enumerate())}


if __name__ == "__main__":
    nlp = spacy_lstm_sentiment.load()
    bulk.score(["in.jsonl"], "local.csv", nlp)
    torch.set_num_threads(3)
    before = everything()
    for run in ("first", "second"):
        bulk.score(["in.jsonl"], f"{run}.csv", nlp, cluster=bulk.RayCluster())
        compare(f"{run} run on Ray", before, everything())
        assert Path(f"{run}.csv").read_bytes() == Path("local.csv").read_bytes()
    import ray

    assert not ray.is_initialized()
    if "ray" in sys.argv:
        ray.init(log_to_driver=False)
        before = everything()
        bulk.score(["in.jsonl"], "connected.csv", nlp, cluster=bulk.RayCluster())
        assert ray.is_initialized()
        compare("run by a connection of the host's", before, everything())
    print("as it was")
"""


def run_host(folder: Path, script: str, *more: str) -> None:
    (folder / "host.py").write_text(SEEN + script)
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "host.py", str(Path(__file__).parent), *more],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_WAIT_POLICY": "passive"},
    )
    assert result.stdout.endswith("as it was\n"), result.stderr[-3000:]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals and forks of POSIX are looked at")
def test_a_host_is_left_as_it_was(tmp_path):
    run_host(tmp_path, LOCAL)


@pytest.mark.ray
@pytest.mark.skipif(find_spec("ray") is None, reason='needs Ray: pip install ".[ray]"')
def test_a_host_is_left_as_it_was_by_a_run_on_ray(tmp_path):
    with loopback_cluster(tmp_path):
        for more in ([], ["ray"]):
            folder = tmp_path / "-".join(["host", *more])
            folder.mkdir()
            run_host(folder, RAY, *more)
