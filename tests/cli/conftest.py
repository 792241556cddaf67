import pytest
from faulty_runs import complete_run, make_model, write_input


@pytest.fixture(scope="session")
def bow_model(tmp_path_factory):
    """A pipeline of spaCy's own that any process can load."""
    return make_model(tmp_path_factory.mktemp("bow"))


@pytest.fixture
def _with_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_input()


@pytest.fixture(scope="session")
def whole(bow_model, tmp_path_factory):
    """The rows and the rejects of a run that meets no fault."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("whole"))
        write_input()
        return complete_run(bow_model)
