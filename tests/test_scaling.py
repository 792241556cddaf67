"""docs/scaling.md: its manifest is read, and its recipe for Spark run on two local cores."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

import spacy_lstm_sentiment

PAGE = (Path(__file__).parents[1] / "docs" / "scaling.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```(python|yaml)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
ROWS = [
    {"id": 1, "text": "A wonderful, touching film."},
    {"id": 2, "text": "Dull, far too long, and badly acted."},
    {"id": 3, "text": None},
    {"id": 4, "text": ""},
]


def test_every_container_of_the_manifest_sees_the_shared_folder():
    manifest = yaml.safe_load(BLOCKS["yaml"])
    assert (manifest["apiVersion"], manifest["kind"]) == ("ray.io/v1", "RayCluster")
    groups = [manifest["spec"]["headGroupSpec"], *manifest["spec"]["workerGroupSpecs"]]
    for pod in (group["template"]["spec"] for group in groups):
        volumes = [volume["name"] for volume in pod["volumes"]]
        for container in pod["containers"]:
            (mount,) = container["volumeMounts"]
            assert mount["name"] in volumes
            assert mount["mountPath"] == "/shared"
            assert container["resources"]["limits"].keys() == {"cpu", "memory"}


@pytest.mark.skipif(
    shutil.which("java") is None or not all(map(find_spec, ["pyspark", "pandas"])),
    reason="needs Java, PySpark, pandas: apt-get install default-jre; pip install pyspark pandas",
)
def test_spark_scores_as_the_pipeline_does(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("reviews.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    Path("recipe.py").write_text(BLOCKS["python"])
    options = "--master local[2] --driver-memory 1g --conf spark.ui.enabled=false pyspark-shell"
    spark = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    environment = {**os.environ, **spark, "PYSPARK_SUBMIT_ARGS": options}
    done = subprocess.run(
        [sys.executable, "recipe.py"], env=environment, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    written = "".join(path.read_text() for path in Path("scored").glob("*.json"))
    scored = {row["id"]: row for row in map(json.loads, written.splitlines())}
    nlp = spacy_lstm_sentiment.load()
    assert len(scored) == len(ROWS)
    for row in ROWS:
        found = scored[row["id"]]
        if not row["text"]:  # and Spark leaves nulls out
            assert not {"label", "score", "sentiment"} & found.keys()
            continue
        doc = nlp(row["text"])
        assert found["label"] == doc._.sentiment_label
        assert found["score"] == pytest.approx(doc.cats["POSITIVE"], abs=1e-6)
        assert found["sentiment"] == pytest.approx(doc._.sentiment, abs=1e-6)
