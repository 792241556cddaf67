"""The workflows of .github call what is there, on the versions that the package says it runs on."""

import re
from importlib.metadata import metadata
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
}
JOBS = {
    f"{name}:{job}": settings
    for name, workflow in WORKFLOWS.items()
    for job, settings in workflow["jobs"].items()
}
TARGETS = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
MATRIX = re.compile(r"\$\{\{ matrix\.(\w+) \}\}")


def combinations(job: dict, text: str) -> list[str]:
    """The text with each value that the job's matrix has for what it names."""
    name = MATRIX.search(text)
    if name is None:
        return [text]
    values = job["strategy"]["matrix"][name[1]]
    return [each for value in values for each in combinations(job, text.replace(name[0], value))]


def test_there_are_workflows():
    assert set(WORKFLOWS) == {"release.yml", "tests.yml"}


@pytest.mark.parametrize("name", JOBS)
def test_targets_of_make_are_there(name):
    job = JOBS[name]
    for step in job["steps"]:
        for script in combinations(job, step.get("run", "")):
            for arguments in re.findall(r"\bmake ([^\n;&|]+)", script):
                missing = [word for word in arguments.split() if word not in TARGETS]
                assert not missing, f"no target {missing} in the Makefile"


@pytest.mark.parametrize("name", JOBS)
def test_a_job_ends_and_has_no_more_rights_than_it_needs(name):
    job = JOBS[name]
    assert job["timeout-minutes"] <= 120
    assert job.get("permissions", {}) in ({}, {"id-token": "write"})
    assert WORKFLOWS[name.partition(":")[0]]["permissions"] == {"contents": "read"}


def test_nothing_is_published_but_by_a_tag_and_after_all_that_is_built():
    jobs = WORKFLOWS["release.yml"]["jobs"]
    publishing = {
        name for name, job in jobs.items() if any("publish" in str(step) for step in job["steps"])
    }
    assert publishing == {name for name, job in jobs.items() if "permissions" in job} == {"publish"}
    assert set(jobs["publish"]["needs"]) == jobs.keys() - publishing
    assert jobs["publish"]["if"] == "github.ref_type == 'tag'"


@pytest.mark.parametrize("job", ["suite", "quick"])
def test_every_python_that_the_package_names_is_tested(job):
    classifiers = metadata("spacy-lstm-sentiment").get_all("Classifier")
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(classifiers))
    assert WORKFLOWS["tests.yml"]["jobs"][job]["strategy"]["matrix"]["python"] == named
