"""`nlp.pipe(n_process=2)`, with processes started either way, after torch has used its threads."""

import multiprocessing
import subprocess
import sys

import pytest

SCRIPT = """
import multiprocessing
import sys

import spacy
import torch

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    torch.set_num_threads(2)
    nlp = spacy.load(sys.argv[2])
    texts = ["good film", "bad film", "", "good " * 300, "the dull book"] * 4
    alone = list(nlp.pipe(texts))
    together = list(nlp.pipe(texts, n_process=2, batch_size=3))
    assert [doc.text for doc in together] == texts
    for one, other in zip(alone, together):
        assert abs(one.cats["POSITIVE"] - other.cats["POSITIVE"]) < 1e-5
        assert one.cats.keys() == other.cats.keys()
        assert abs(one._.sentiment - other._.sentiment) < 1e-5
    print("same scores")
"""


@pytest.mark.parametrize("start_method", multiprocessing.get_all_start_methods())
def test_start_methods(trained_nlp, tmp_path, start_method):
    trained_nlp.to_disk(tmp_path / "model")
    (tmp_path / "script.py").write_text(SCRIPT)
    result = subprocess.run(
        [sys.executable, str(tmp_path / "script.py"), start_method, str(tmp_path / "model")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.stdout == "same scores\n", result.stderr
