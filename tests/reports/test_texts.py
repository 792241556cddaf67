import json

import pytest

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.reports.texts import read_texts


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.txt"])
def test_rows_without_a_text_are_left_out_and_said(tmp_path, capsys, name):
    path = tmp_path / name
    texts = ["good", " ", "bad"]
    if name == "a.jsonl":
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    else:
        lines = ["text", *texts] if name == "a.csv" else texts
        path.write_text("".join(f"{line}\n" for line in lines))
    assert [text.text for text in read_texts(path)] == ["good", "bad"]
    line = 3 if name == "a.csv" else 2
    said = f"{path}: 1 without a text left out, the first in line {line}\n"
    assert capsys.readouterr().err == said
    path.write_text("text\n \n" if name == "a.csv" else " \n")
    with pytest.raises(InputError, match="no texts in it"):
        read_texts(path)
