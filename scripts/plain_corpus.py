"""Writes corpus/plain.jsonl and corpus/plain_dev.jsonl, from what is in corpus/plain.

python scripts/plain_corpus.py [FOLDER]

Files there have four kinds of lines. A heading, `@ negated_praise NEGATIVE everyday x8`, gives the
lines under it their phenomenon, label and domain, and says how many texts each frame makes. A
frame has slots, `The {animal} is {asleep|awake}.`; `= animal: cat | dog` says what may fill one,
which may have slots itself. Any other line is a text as it is; "# " begins a comment.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random

import srsly

CORPUS = Path(__file__).parent.parent / "corpus"
SOURCES = {"plain.jsonl": "train*.txt", "plain_dev.jsonl": "dev*.txt"}
SLOT = re.compile(r"\{([^{}]+)\}")
HEADING = re.compile(r"@ (\w+) (POSITIVE|NEGATIVE|NEUTRAL) (\w+)(?: x(\d+))?")
# "a" before a letter that sounds like a vowel; "a Ukrainian", "a used car", "a one-off" stay.
WRONG_ARTICLE = re.compile(r"\b([Aa]) (?=[aeioAEIO]|u(?!s|ni)|U(?!k|ni|S))(?!one|One|Eu|eu)")
INFORMAL = {"social", "chat", "survey"}
# What is said of people must not depend on these: texts of a frame come in groups that differ in
# them alone.
IDENTITY = {
    *("name", "nat", "country", "faith", "faiths", "roots", "love_life", "gender", "age", "body"),
    *("identity", "group", "kin", "kind", "pronoun", "person"),
}
GROUP_SIZE = 4
TRIES = 30


@dataclass
class Line:
    """A text or a frame, under its heading."""

    text: str
    phenomenon: str
    label: str
    domain: str
    copies: int
    place: int  # among the lines of its phenomenon and label

    @property
    def is_frame(self) -> bool:
        return SLOT.search(self.text) is not None


@dataclass
class Source:
    lines: list[Line] = field(default_factory=list)
    fillers: dict[str, list[str]] = field(default_factory=dict)


def read_source(paths: list[Path]) -> Source:
    source = Source()
    places: Counter[tuple[str, str]] = Counter()
    for path in paths:
        heading: tuple[str, str, str, int] | None = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("# "):
                continue
            if line.startswith("= "):
                name, _, fillers = line[2:].partition(":")
                source.fillers[name.strip()] = [filler.strip() for filler in fillers.split("|")]
            elif line.startswith("@ "):
                found = HEADING.fullmatch(line.strip())
                if found is None:
                    sys.exit(f"{path}, line {number}: not a heading: {line}")
                heading = (found[1], found[2], found[3], int(found[4] or 1))
            elif heading is None:
                sys.exit(f"{path}, line {number}: a text before any heading")
            else:
                source.lines.append(Line(line.strip(), *heading, places[heading[:2]]))
                places[heading[:2]] += 1
    return source


def amount(random: Random) -> float:
    return random.choice([random.randint(11, 99) / 10, random.randint(11, 480)])


def change(random: Random, rises: bool) -> str:
    """A sum and what it was before."""
    before = amount(random)
    after = round(before * random.uniform(1.05, 1.8), 1)
    if not rises:
        before, after = after, before
    sign, unit = random.choice([("EUR ", " mn"), ("$", "m"), ("£", " million"), ("€", "m")])
    return f"to {sign}{after}{unit} from {sign}{before}{unit}"


BUILT_IN: dict[str, Callable[[Random], str]] = {
    "small": lambda random: str(random.randint(2, 12)),
    "number": lambda random: str(random.randint(13, 950)),
    "percent": lambda random: (
        f"{random.randint(11, 299) / 10}{random.choice(['%', ' percent', ' pct'])}"
    ),
    "money": lambda random: f"{random.choice(['$', '€', '£', 'EUR '])}{amount(random)} million",
    "year": lambda random: str(random.randint(1890, 2025)),
    "clock": lambda random: f"{random.randint(1, 12)}:{random.choice(['00', '15', '30', '45'])}",
    "grows": lambda random: change(random, rises=True),
    "shrinks": lambda random: change(random, rises=False),
}


def fill(
    frame: str, fillers: dict[str, list[str]], random: Random, kept: Collection[str] = ()
) -> str:
    """The frame with its slots filled, but for those kept; fillers may have slots themselves."""

    def chosen(slot: re.Match[str]) -> str:
        name = slot[1]
        if name in kept:
            return slot[0]
        if "|" in name:
            return random.choice(name.split("|"))
        if name in BUILT_IN:
            return BUILT_IN[name](random)
        if name not in fillers:
            sys.exit(f"Nothing fills {{{name}}} of: {frame}")
        # Nobody sits next to herself.
        fresh = [filler for filler in fillers[name] if filler not in used] or fillers[name]
        used.add(filler := random.choice(fresh))
        return filler

    used: set[str] = set()
    before, text = "", frame
    while text != before:
        before, text = text, SLOT.sub(chosen, text)
    return text


def variants(line: Line, fillers: dict[str, list[str]]) -> Iterator[str]:
    """Texts without end, in groups that differ in identities alone, if the frame has any."""
    # Generators of its own for each frame: a new frame changes no other's texts. The first frame
    # of praise speaks of the same people as the first of blame, and so on.
    frame, random = line.text, Random(line.text)
    people = Random(f"{line.phenomenon} {line.place}")
    while True:
        filled = fill(frame, fillers, random, IDENTITY)
        style = random.random()
        for _ in range(GROUP_SIZE if SLOT.search(filled) else 1):
            text = WRONG_ARTICLE.sub(r"\1n ", fill(filled, fillers, people))
            if SLOT.sub("", frame).isupper():
                text = text.upper()
            elif frame.startswith("{"):
                text = text[0].upper() + text[1:]
            yield disguise(text, line.domain, Random(style))


def disguise(text: str, domain: str, random: Random) -> str:
    """The text as somebody in a hurry types it, now and then."""
    informal = domain in INFORMAL
    if random.random() < (0.45 if informal else 0.12):
        text = text.lower()
    if (
        text.endswith(".")
        and not text.endswith("..")
        and random.random() < (0.5 if informal else 0.2)
    ):
        text = text[:-1]
    chance = random.random()
    if chance < 0.2:
        text = text.replace("'", "\u2019")
    elif chance < 0.3:
        text = re.sub(r"(?<=n)'(?=t\b)", "", text)
    return text


def key(text: str) -> str:
    """What two texts share that differ in no word."""
    if len(re.findall(r"\w", text)) < 2:
        return text
    plain = text.lower().replace("\u2019", "").replace("'", "")
    return " ".join(re.findall(r"\w+|[^\w\s.!?,;:]+", plain))


def texts_of(source: Source) -> Iterator[dict[str, str]]:
    seen: set[str] = set()
    for line in source.lines:
        made = 0
        texts = variants(line, source.fillers)
        for text in islice(texts, TRIES * line.copies if line.is_frame else 1):
            if key(text) in seen:
                continue
            seen.add(key(text))
            yield {
                "text": text,
                "label": line.label,
                "phenomenon": line.phenomenon,
                "domain": line.domain,
            }
            made += 1
            if made == line.copies:
                break


def main(folder: Path) -> None:
    for name, pattern in SOURCES.items():
        source = read_source(sorted((CORPUS / "plain").glob(pattern)))
        records = sorted(texts_of(source), key=lambda record: Random(record["text"]).random())
        srsly.write_jsonl(folder / name, records)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS)
