import ast
import subprocess
import sys
from pathlib import Path

from platforms import posix

import spacy_lstm_sentiment

PACKAGE = Path(spacy_lstm_sentiment.__file__).parent


@posix
def test_no_regular_expression_hangs_on_long_texts():
    program = Path(__file__).parent / "linear_time.py"
    run = subprocess.run([sys.executable, program], stdout=subprocess.PIPE, text=True)
    assert run.returncode == 0, f"ended at {run.stdout.splitlines()[-1]}"
    assert "cleaning.TAG" in run.stdout


def test_regular_expressions_have_names_by_which_they_are_tested():
    functions = {"search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                inline = node.value.id == "re" and node.attr in functions
                assert not inline, f"{path}:{node.lineno}: compile it as a constant"
