"""spaCy's own tests of `textcat`, those of the installed spaCy, with `lstm_sentiment` in its place.

python benchmarks/textcat_tests.py [pytest's options]

The tests are rewritten in a temporary folder: the factory's name, and the names of labels where the
test does not mind what they are. Every blank pipeline there has vectors of the words in the tests.

`textcat_multilabel` is spaCy's component with our model; where a test brings a model of spaCy's for
it, ours takes that model, and learns from the examples of `textcat`. Three readers that fetch data
sets give a few documents of the same kind. A test that does not run is printed with its reason.
"""

import ast
import re
import shutil
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.pipeline.textcat_multilabel import make_multilabel_textcat
from spacy.training import Example
from spacy.util import registry
from spacy.vectors import Vectors

from spacy_lstm_sentiment.pipeline.defaults import DEFAULT_CONFIG

TESTS = Path(spacy.__file__).parent / "tests"
FILES = [
    "pipeline/test_textcat.py",
    "pipeline/test_pipe_factories.py",
    "pipeline/test_pipe_methods.py",
    "pipeline/test_tagger.py",
    "pipeline/test_tok2vec.py",
    "serialize/test_serialize_doc.py",
    "serialize/test_serialize_pipeline.py",
    "training/test_readers.py",
    "training/test_rehearse.py",
    "test_language.py",
    "test_misc.py",
]
SUPPORT = ["__init__.py", "conftest.py", "util.py"]
FACTORIES = {"textcat": "lstm_sentiment", "textcat_multilabel": "lstm_multilabel"}
LABELS = {
    "POS": "POSITIVE",
    "NEG": "NEGATIVE",
    "offensive": "NEGATIVE",
    "inoffensive": "POSITIVE",
    "Labe1": "POSITIVE",
    "Label2": "NEGATIVE",
    "label1": "POSITIVE",
    "label2": "NEGATIVE",
    "spring": "POSITIVE",
    "autumn": "NEGATIVE",
}
# Models of spaCy's for several labels at once, and the examples that go with them.
GIVEN_MODEL = re.compile(
    r""""textcat_multilabel", (?:(TRAIN_DATA_)MULTI(_LABEL, ))?(?=\{"@architectures")"""
)
WIDTH = 50
READERS = {  # and whether their documents have several labels at once
    "ml_datasets.imdb_sentiment.v1": (["POSITIVE", "NEGATIVE"], False),
    "ml_datasets.dbpedia.v1": (["Company", "Artist", "Village", "Plant", "Film"], False),
    "ml_datasets.cmu_movies.v1": (["Drama", "Comedy", "Western", "Horror"], True),
}


def rewrite(source: str) -> str:
    """Tests with our names in place of spaCy's."""

    def single_label(found: re.Match[str]) -> str:
        return f'"textcat", {found[1]}SINGLE{found[2]}' if found[1] else '"textcat", '

    source = GIVEN_MODEL.sub(single_label, source)
    for names in (FACTORIES, LABELS):
        for theirs, ours in names.items():
            source = re.sub(rf"""(["']){theirs}\1""", f'"{ours}"', source)
    for theirs, ours in FACTORIES.items():
        source = re.sub(rf"components\.{theirs}\b(?=[\].])", f"components.{ours}", source)
    return source


def changed_tests(before: str, after: str) -> set[str]:
    """The names of the tests that are not what they were."""
    old, new = (
        {
            node.name: "\n".join(map(ast.dump, [*node.decorator_list, *node.body]))
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
        for source in (before, after)
    )
    return {name for name in new if new[name] != old[name]}


@dataclass
class Swap:
    """pytest's plugin: which tests run, and what came out of them.

    changed (dict[str, set[str]]): By file, the tests in which anything was renamed.
    """

    changed: dict[str, set[str]] = field(default_factory=dict)
    outcomes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        kept = []
        for item in items:
            file = item.nodeid.split("::")[0]
            of_textcat = file.endswith(FILES[0])
            if of_textcat and item.get_closest_marker("skip"):
                kept.append(item)  # for spaCy's reason
            elif item.originalname in self.changed[file]:
                if not _others(item):
                    kept.append(item)
            elif of_textcat:
                self.outcomes[item.nodeid] = ("excluded", "names no component, nor any label")
        items[:] = kept

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.skipped:
            self.outcomes[report.nodeid] = ("excluded", f"by spaCy: {report.longrepr[2]}")
        elif report.failed:
            self.outcomes[report.nodeid] = ("fail", str(report.longrepr).splitlines()[-1])
        elif report.when == "call":
            self.outcomes[report.nodeid] = ("pass", "")


def _others(item: Any) -> bool:
    """Whether it tests another component, such as the tagger."""
    tested = {"component", "pipe"} & set(_parameters(item))
    return any(_parameters(item)[name] not in FACTORIES.values() for name in tested)


def _parameters(item: Any) -> dict[str, Any]:
    return item.callspec.params if hasattr(item, "callspec") else {}


def give_vectors(words: list[str]) -> None:
    """Let every pipeline whose vocab has no vectors have those of words."""
    table = numpy.stack(
        [numpy.random.default_rng(zlib.crc32(word.encode())).normal(size=WIDTH) for word in words]
    ).astype("float32")
    make = Language.__init__

    def make_with_vectors(nlp: Language, *args: Any, **settings: Any) -> None:
        make(nlp, *args, **settings)
        if not len(nlp.vocab.vectors):
            strings = nlp.vocab.strings
            nlp.vocab.vectors = Vectors(strings=strings, data=table, keys=words, attr="LOWER")

    Language.__init__ = make_with_vectors  # type: ignore[method-assign]


def register_multilabel() -> None:
    """spaCy's textcat_multilabel with our model, as a factory."""
    Language.factory(
        "lstm_multilabel",
        assigns=["doc.cats"],
        default_config={
            "threshold": 0.5,
            "model": DEFAULT_CONFIG["model"] | {"exclusive_classes": False},
            "scorer": {"@scorers": "spacy.textcat_multilabel_scorer.v2"},
        },
        default_score_weights={"cats_score": 1.0},
        func=make_multilabel_textcat,
    )


def register_readers() -> None:
    """Readers under the names of spaCy's that fetch data sets."""
    for name, (labels, several) in READERS.items():
        registry.readers(name, func=_make_reader(labels, several))


def _make_reader(labels: list[str], several: bool) -> Callable[..., dict[str, Any]]:
    def read_examples(nlp: Language) -> list[Example]:
        examples = []
        for number in range(10):
            found = {labels[(number + more) % len(labels)] for more in range(1 + several)}
            doc = nlp.make_doc(f"This is an example of {' and '.join(sorted(found)).lower()}.")
            cats = {label: float(label in found) for label in labels}
            examples.append(Example.from_dict(doc, {"cats": cats}))
        return examples

    def read(
        train_limit: int = 0,
        dev_limit: int = 0,
        limit: int = 0,
        freq_cutoff: int = 0,
        split: float = 0.0,
    ) -> dict[str, Any]:
        return {"train": read_examples, "dev": read_examples}

    return read


def copy_tests(folder: Path, swap: Swap) -> list[str]:
    """Rewrite the tests into a folder. RETURNS: All words that they have."""
    words: set[str] = set()
    for name in {str(Path(file).parent / "__init__.py") for file in FILES} | set(SUPPORT):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(TESTS / name, folder / name)
    for name in FILES:
        before = (TESTS / name).read_text(encoding="utf8")
        after = rewrite(before)
        (folder / name).write_text(after, encoding="utf8")
        swap.changed[f"{folder.name}/{name}"] = changed_tests(before, after)
        words.update(re.findall(r"[a-z]+", before.lower()))
    words.update(label.lower() for labels, _ in READERS.values() for label in labels)
    return sorted(words)


def main() -> int:
    if not TESTS.exists():
        raise SystemExit(f"spaCy {spacy.__version__} was installed without its tests: {TESTS}")
    swap = Swap()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "spacy_tests"
        give_vectors(copy_tests(folder, swap))
        register_multilabel()
        register_readers()
        (Path(temporary) / "pytest.ini").write_text("[pytest]\n")
        options = ["--slow", "-q", "-p", "no:cacheprovider", "-c", f"{temporary}/pytest.ini"]
        files = [str(folder / name) for name in FILES]
        code = pytest.main([*options, *sys.argv[1:], *files], plugins=[swap])
    for test, (outcome, reason) in sorted(swap.outcomes.items(), key=lambda item: item[1][::-1]):
        print(f"{outcome:8}  {test.split('/', 1)[1]}  {reason}")
    counts = Counter(outcome for outcome, _ in swap.outcomes.values())
    print(f"spaCy {spacy.__version__}: {dict(counts)}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
