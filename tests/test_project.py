"""The project as a newcomer runs it: in a fresh copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import srsly
import yaml

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    for name in ("project.yml", "configs", "corpus", "spacy_lstm_sentiment/pretrained"):
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.spacy", "imdb"))
        else:
            shutil.copy(source, target)
    return folder


def run(project, *arguments):
    # A relative name on the path would import the copy's half-empty package.
    command = [sys.executable, "-P" if sys.version_info >= (3, 11) else "-B", "-m", "spacy"]
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    result = subprocess.run(
        [*command, "project", "run", *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_all(project):
    """Converts, trains, evaluates and scores; a second run has nothing to do; makes a wheel."""
    everything = ("all", ".", "--vars.max_steps", "300")
    run(project, *everything)
    metrics = srsly.read_json(project / "training" / "small" / "metrics.json")
    assert metrics["sentiment_acc"] > 0.5
    scored = list(srsly.read_jsonl(project / "training" / "small" / "scored.jsonl"))
    records = list(srsly.read_jsonl(project / "corpus" / "test.jsonl"))
    assert [record["text"] for record in scored] == [record["text"] for record in records]
    right = [record["predicted_label"] == record["label"] for record in scored]
    assert sum(right) / len(right) == pytest.approx(metrics["sentiment_acc"])
    assert run(project, *everything).count("nothing changed") == 4
    run(project, "package", *everything[1:])
    assert len(list((project / "packages").glob("*/dist/*.whl"))) == 1


def test_workflows_name_their_files(project):
    """What a command needs is in the tree, an asset, or made by a command before it."""
    settings = yaml.safe_load((project / "project.yml").read_text())
    commands = {command["name"]: command for command in settings["commands"]}

    def fill(path):
        for name, value in settings["vars"].items():
            path = path.replace("${vars." + name + "}", str(value))
        return path

    for workflow, steps in settings["workflows"].items():
        known = {asset["dest"] for asset in settings["assets"]}
        for step in steps:
            for path in map(fill, commands[step]["deps"]):
                assert path in known or (ROOT / path).exists(), (workflow, step, path)
            known |= {fill(path) for path in commands[step].get("outputs", [])}


@pytest.mark.parametrize("workflow", ["train", "ship", "tutorial"])
def test_other_workflows_are_sound(project, workflow):
    assert "Running workflow" in run(project, workflow, "--dry")


@pytest.mark.parametrize("path", ["project.yml", "README.md", *sorted(ROOT.glob("docs/*.md"))])
def test_variables_come_after_the_folder(path):
    """Before it, spaCy takes the first of them for the folder."""
    text = (ROOT / path).read_text(encoding="utf-8")
    for command in re.findall(r"spacy project run [^`\n]*--vars", text):
        assert re.match(r"spacy project run [\w-]+ \. --vars", command), command
