"""Runs of `score` over hostile files, disturbed at random, and what must hold whatever happens.

Each run is a process of its own, with its workers; it is forked from one that has imported all, so
that a run takes no longer than its work.
"""

import contextlib
import gzip
import json
import lzma
import os
import re
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from csv import reader
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import spacy
from hostile_files import EITHER, EMPTY, ENDS, REJECTED, SCORED, File, Row, make_files
from pyarrow import feather, parquet
from spacy import Language
from spacy.tokens import Doc

from spacy_lstm_sentiment.cli import app

OUTPUTS = [".jsonl", ".csv", ".tsv", ".parquet", ".arrow", ".jsonl.gz", ".csv.xz", "-"]
DONE = (0, 3)  # without and with rejects
# With what a run ends that is disturbed, by what disturbs it; before it is imported, by the signal.
INTERRUPTS = [signal.SIGINT, signal.SIGTERM]
DISTURBED: dict[str, list[int]] = {
    "run": [-signal.SIGKILL],
    "worker": [],
    "interrupt": [code for number in INTERRUPTS for code in (128 + number, -number)],
    "disk": [1],
}
PATIENCE = 30  # seconds in which the processes of a run have to be gone
SMALL = 3000  # bytes that a file may have while the disk is said to be full
ID = re.compile(r"id-(\d+)-")
WORK = ".spacy-lstm-sentiment"


@Language.component("obedient")
def obey(doc: Doc) -> Doc:
    """Count words; some are orders."""
    orders = doc.text.split()[:2]  # plain text has the row's id first
    if "explode" in orders:
        raise RuntimeError("it went\noff")
    if "kill" in orders:
        os.kill(os.getpid(), signal.SIGKILL)
    while "hang" in orders:
        pass
    if "hungry" in orders:
        raise MemoryError
    doc.cats = {"POSITIVE": (positive := _score(doc.text)), "NEGATIVE": 1 - positive}
    return doc


def _score(text: str) -> float:
    good, bad = (len(re.findall(word, text)) for word in ("good", "bad"))
    return (good + 0.5) / (good + bad + 1)


@dataclass
class Round:
    """Some files, how they are scored, and what has been found and done."""

    folder: Path
    chance: Random
    counts: Counter[str]
    files: list[File] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    output: str = ""
    keeps_empty: bool = False

    def run(self, model: Path) -> list[str]:
        """All that is wrong; nothing, as a rule."""
        dangers = [word for word in ENDS if self.chance.random() < 0.1]
        self.files = make_files(self.folder, self.chance, dangers)
        rows = [row for file in self.files for row in file.rows]
        ends = any((row.text or "").startswith(tuple(ENDS)) for row in rows)
        self.output = self.chance.choice(OUTPUTS)
        self._choose_options(model)
        self.counts["rounds"] += 1
        self.counts["rows"] += len(rows)
        start = time.monotonic()
        code = self._wait(self._start("whole", 2 if ends else 1))
        if code not in DONE:
            return [f"the undisturbed run has ended with {code}: {self._errors('whole')}"]
        problems = list(self._check("whole", code))
        n_process = self.chance.randrange(2 if ends else 1, 4)
        code = self._disturbed(n_process, time.monotonic() - start)
        if code not in DONE:
            return [*problems, f"ended with {code}: {self._errors('killed')}"]
        for name in ("", ".rejects.jsonl"):
            if self._content("whole", name) != self._content("killed", name):
                problems.append(f"output{name} differs from that of the undisturbed run")
        return [*problems, *self._check("killed", code)]

    def _choose_options(self, model: Path) -> None:
        choose = self.chance.choice
        self.keeps_empty = choose([True, False])
        self.options = [
            *("--model", str(model), "--text-field", "text", "--timeout", "4"),
            *("--shard-size", choose(["1", "4", "30"]), "--batch-size", choose(["1", "3", "50"])),
            *(["--keep-empty"] if self.keeps_empty else []),
            *(["--quiet"] if choose([True, False]) else []),
        ]

    def _disturbed(self, n_process: int, seconds: float) -> int:
        """A run that is disturbed some times, and left alone at last; its exit code."""
        kinds = ["run", "run", "worker", "interrupt", "disk"]
        for _ in range(self.chance.randrange(1, 5)):
            kind = "worker" if self.output == "-" else self.chance.choice(kinds)
            process = self._start("killed", n_process, is_full=kind == "disk")
            time.sleep(self.chance.uniform(0, seconds))
            if kind == "run":
                os.kill(process, signal.SIGKILL)
            elif kind == "interrupt":
                os.kill(process, self.chance.choice(INTERRUPTS))
            killed = kind == "worker" and self._kill_a_worker(process)
            code = self._wait(process)
            self.counts[f"{kind} disturbed"] += killed or (kind != "worker" and code not in DONE)
            if code in DONE:
                return code
            if self._is_finished():  # and was disturbed when nothing was left to do
                return 3 if self._content("killed", ".rejects.jsonl") else 0
            if code not in DISTURBED[kind]:
                return code
        return self._wait(self._start("killed", n_process))

    def _start(self, name: str, n_process: int, is_full: bool = False) -> int:
        """Start a run in a session of its own."""
        self.counts["runs"] += 1
        output = self.output if self.output == "-" else name + self.output
        inputs = [file.path.name for file in self.files]
        args = ["score", *inputs, "--output", output, *self.options, "--n-process", str(n_process)]
        if self.output == "-":
            args += ["--rejects", f"{name}-.rejects.jsonl", "--force"]
        sys.stdout.flush()
        process = os.fork()
        if process:
            return process
        os.setsid()
        os.chdir(self.folder)
        for number, target in enumerate([os.devnull, f"{name}-", f"{name}.errors"]):
            flags = os.O_RDWR | (os.O_CREAT | os.O_TRUNC if number else 0)
            os.dup2(os.open(target, flags), number)
        if is_full:
            resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))
        code = 70
        try:
            app(args)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 70
        except KeyboardInterrupt:  # before the command has begun
            code = 128 + signal.SIGINT
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _wait(self, process: int) -> int:
        """The exit code of a run, none of whose processes is left; 99 if one is."""
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        end = time.monotonic() + PATIENCE
        while left := _session(process):
            if time.monotonic() > end:
                for each in left:
                    os.kill(each, signal.SIGKILL)
                return 99
            time.sleep(0.002)
        return code

    def _is_finished(self) -> bool:
        output = self.folder / f"killed{self.output}"
        return self.output != "-" and output.exists() and not Path(f"{output}{WORK}").exists()

    def _kill_a_worker(self, process: int) -> bool:
        workers = [each for each in _session(process) if each != process]
        if not workers:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.chance.choice(workers), signal.SIGKILL)
        return True

    def _errors(self, name: str) -> str:
        return (self.folder / f"{name}.errors").read_text(errors="replace")[-500:]

    def _content(self, name: str, more: str) -> bytes:
        path = self.folder / f"{name}{self.output}{more}"
        return path.read_bytes() if path.exists() else b""

    def _check(self, name: str, code: int) -> Iterator[str]:
        """What is wrong with output and rejects, by what is known of the rows."""
        if "Traceback" in self._errors(name):
            yield f"a traceback: {self._errors(name)}"
        if (self.folder / f"{name}{self.output}{WORK}").exists():
            yield "the work folder is still there"
        rejects = [json.loads(line) for line in self._content(name, ".rejects.jsonl").splitlines()]
        if (code == 3) != bool(rejects):
            yield f"exit code {code} with {len(rejects)} rejects"
        rejected = Counter(
            int(number) for reject in rejects for number in ID.findall(str(reject["raw"]))
        )
        written = read_output(self.folder / f"{name}{self.output}")
        numbers = [number for number, _, _ in written]
        if numbers != sorted(numbers):
            yield "rows are out of order"
        found = {number: (text, score) for number, text, score in written}
        times = Counter(numbers)
        rows = {row.number: (row, file) for file in self.files for row in file.rows}
        for number in times.keys() | rejected.keys():
            if number not in rows:
                yield f"row {number} is invented"
        for number, (row, file) in rows.items():
            n = times[number], rejected[number]
            if n not in self._allowed(row, file):
                yield f"row {number} ({row.fate}) is {n[0]} times written, {n[1]} rejected"
            elif number in found:
                yield from self._wrong(row, *found[number])

    def _allowed(self, row: Row, file: File) -> set[tuple[int, int]]:
        """How many times a row may be written and rejected."""
        once, never = (1, 0), (0, 1)
        fates = {SCORED: {once}, REJECTED: {never}, EITHER: {once, never}}
        fates[EMPTY] = {once} if self.keeps_empty else {never}
        allowed = fates[row.fate]
        # A table of JSON has the first row's columns; TSV can hold neither tabs nor line ends.
        if self.output == ".tsv" and set(row.text or "") & set("\t\n\r"):
            allowed = {never}
        return allowed | ({(0, 0), never} if file.is_cut else set())

    def _wrong(self, row: Row, text: str | None, score: float | None) -> Iterator[str]:
        if row.text is None:
            return
        is_empty = not row.text.strip()
        if (text or "") != row.text:
            yield f"row {row.number} has another text: {text!r:.80}, not {row.text!r:.80}"
        if (score is None) != is_empty or (score and abs(score - _score(row.text)) > 2e-6):
            yield f"row {row.number} has another's score: {score}"


def read_output(path: Path) -> list[tuple[int, str | None, float | None]]:
    """The number, text and score of each row of an output, read without a line of the package."""
    if not path.exists():
        return []
    if path.suffix in (".parquet", ".arrow"):
        read = parquet.read_table if path.suffix == ".parquet" else feather.read_table
        rows = read(path).to_pylist()
    else:
        unpack = {".gz": gzip.decompress, ".xz": lzma.decompress}.get(path.suffix, bytes)
        lines = unpack(path.read_bytes()).decode()
        if ".csv" in path.name:
            header, *cells = list(reader(lines.splitlines(keepends=True))) or [[]]
        elif ".tsv" in path.name:
            header, *cells = [line.split("\t") for line in lines.split("\n")[:-1]] or [[]]
        else:
            return [_json_row(line) for line in lines.split("\n")[:-1]]
        rows = [dict(zip(header, row, strict=True)) for row in cells]
    return [_numbered(row) for row in rows]


def _json_row(line: str) -> tuple[int, str | None, float | None]:
    """A row of JSON, whose values may be nested deeper than Python reads."""
    return _numbered(json.loads(re.sub(r"\[{2,}\]{2,}", "null", line)))


def _numbered(row: dict) -> tuple[int, str | None, float | None]:
    named = ID.search(row.get("id") or row["text"])
    assert named, row
    score = row["score"]
    text = row["text"] if "id" in row else row["text"].partition(" ")[2]
    return int(named[1]), text, None if score in (None, "") else float(score)


def _session(leader: int) -> list[int]:
    """The processes of a session that are more than a name."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, session = path.read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                found.append(int(path.parent.name))
    return found


def make_model(folder: Path) -> Path:
    """The pipeline of all rounds."""
    nlp = spacy.blank("en")
    nlp.add_pipe("obedient")
    nlp.to_disk(folder)
    return folder
