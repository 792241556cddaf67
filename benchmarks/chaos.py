"""Runs of `score` that are killed at random moments and resumed, until they are done.

    python benchmarks/chaos.py [--data aclImdb_v1.tar.gz] [--documents 20000] [--kills 25]

Each format is scored once without interruption. Then, on the same rows, the whole run is killed
with SIGKILL so often, its workers too, and started again each time. The table has the kills, and
whether output and rejects are the same byte for byte.

    python benchmarks/chaos.py --minutes 5 [--seed 0]

Rounds of random hostile files in all formats, scored by a cheap pipeline that some documents kill
or hang, in runs that are killed, interrupted and short of disk (hostile_files.py, hostile_runs.py).
What must hold is checked without the package's own readers: each row is in the output once or in
the rejects once, as is known of it beforehand, with its own text and score, and both files are
those of a run that nobody disturbed. Each round has a seed of its own: one that fails is repeated
by --minutes 0 and the --seed that is printed, and its files stay.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from common import arguments, load_texts, report, write_jsonl

DONE = (0, 3)  # without and with rejects
BROKEN = 100  # rows a broken one
SHARDS_A_KILL = 8


def main() -> None:
    parser = arguments(__doc__, documents=20_000, repetitions=1)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float)
    options = parser.parse_args()
    if options.minutes is not None:
        raise SystemExit(disturb(options.minutes, options.seed))
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_jsonl(folder / "rows.jsonl", load_texts(options.data, options.documents))
        lines = rows.read_text(encoding="utf-8").splitlines()
        lines[::BROKEN] = ["broken"] * len(lines[::BROKEN])
        rows.write_text("\n".join(lines), encoding="utf-8")
        report(
            "chaos",
            [
                measure(rows, folder, extension, options.kills, chance)
                for extension in (".jsonl", ".csv.gz", ".parquet")
            ],
            options,
        )


def disturb(minutes: float, seed: int) -> int:
    """Rounds of hostile files until the time is up; the exit code, 1 where something is wrong."""
    from hostile_runs import Round, make_model

    counts, end, failed = Counter[str](), time.monotonic() + 60 * minutes, 0
    with tempfile.TemporaryDirectory() as name:
        model = make_model(Path(name))
        while True:
            folder = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-"))
            problems = Round(folder, random.Random(seed), counts).run(model)
            for problem in problems:
                print(f"--seed {seed}: {folder}: {problem}", flush=True)
            failed += bool(problems)
            if not problems:
                shutil.rmtree(folder)
            seed += 1
            if time.monotonic() >= end:
                break
    print(", ".join(f"{kind}: {n:,}" for kind, n in sorted(counts.items())))
    print(f"rounds with something wrong: {failed}")
    return int(failed > 0)


def measure(
    rows: Path, folder: Path, extension: str, kills: int, chance: random.Random
) -> dict[str, object]:
    """One format: the output of a run that is killed so often against that of one that is not."""
    whole, output = folder / f"whole{extension}", folder / f"killed{extension}"
    assert score(rows, whole, kills).wait() in DONE
    counts = {"run": 0, "worker": 0}
    while counts["run"] < kills:
        process = score(rows, output, kills)
        wait_for_parts(process, output, n_parts(output) + chance.randrange(SHARDS_A_KILL))
        counts["worker"] += kill_a_worker(process, chance)
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        counts["run"] += process.wait() not in DONE
        if output.exists():
            break
    if not output.exists():
        assert score(rows, output, kills).wait() in DONE
    return {
        "output": extension,
        "runs killed": counts["run"],
        "workers killed": counts["worker"],
        "rows equal": whole.read_bytes() == output.read_bytes(),
        "rejects equal": rejects(whole) == rejects(output),
        "left over": len(list(folder.glob("killed*.spacy-lstm-sentiment"))),
    }


def n_parts(output: Path) -> int:
    return len(list(output.parent.glob(f"{output.name}.spacy-lstm-sentiment/*/*.part")))


def wait_for_parts(process: subprocess.Popen[bytes], output: Path, n: int) -> None:
    """Wait until so many parts are there, or the run ends by itself."""
    while process.poll() is None and n_parts(output) < n:
        time.sleep(0.001)


def score(rows: Path, output: Path, kills: int) -> subprocess.Popen[bytes]:
    n_rows = rows.read_bytes().count(b"\n") + 1
    shard_size = max(1, n_rows // (kills * SHARDS_A_KILL))
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "spacy_lstm_sentiment", "score", rows, "--output", output),
            *("--n-process", "2", "--shard-size", str(shard_size), "--quiet"),
        ]
    )


def kill_a_worker(process: subprocess.Popen[bytes], chance: random.Random) -> int:
    """Kill one of a run's workers; how many have been killed."""
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(chance.choice(children)), signal.SIGKILL)
    except (OSError, IndexError):
        return 0
    return 1


def rejects(output: Path) -> bytes:
    return output.with_name(f"{output.name}.rejects.jsonl").read_bytes()


if __name__ == "__main__":
    main()
