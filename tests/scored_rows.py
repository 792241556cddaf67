"""Rows as `score` writes them, with a change, a group and words hidden in them."""

import json
import random
from datetime import date, timedelta
from pathlib import Path

START = date(2026, 1, 5)
CHANGE = date(2026, 6, 1)
DAYS = 240
WORDS = ["hinge", "lid", "cable", "colour", "button", "manual", "box", "screw", "plug", "cover"]


def scored_rows(n=3000, seed=0, prefix=""):
    """Dicts of rows: the lamp becomes worse on CHANGE, because of its battery; Italy is worse."""
    rng = random.Random(seed)
    rows = []
    for number in range(n):
        day = START + timedelta(days=rng.randrange(DAYS))
        product = rng.choice(["Lamp", "Kettle", "Radio"])
        country = rng.choice(["Germany", "France", "Italy"])
        broken = product == "Lamp" and day >= CHANGE
        negative = rng.random() < (0.6 if broken else 0.3 if country == "Italy" else 0.15)
        score = round(rng.uniform(0.02, 0.4) if negative else rng.uniform(0.6, 0.98), 6)
        word, other = rng.sample(WORDS, 2)
        if not negative:
            text = f"Number {number}: I like the {word} and the {other}."
        elif broken and rng.random() < 0.7:
            text = f"Number {number}: the battery died, and so did the {word} and the {other}."
        else:
            text = f"Number {number}: the {word} is awful, and I hate the {other}."
        results = {
            "label": "NEGATIVE" if negative else "POSITIVE",
            "score": score,
            "sentiment": round(2 * score - 1, 6),
        }
        rows.append(
            {
                "text": text,
                "product": product,
                "country": country,
                "date": day.isoformat(),
                "secret": f"secret-{number:06d}",
                **{f"{prefix}{name}": value for name, value in results.items()},
            }
        )
    return rows


def write_rows(path, rows):
    """As JSONL."""
    Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
