"""Writes corpus/shop.csv: reviews of an invented shop, with products, countries and dates.

Three things are hidden in them for `insights` to find: from June on the lantern's battery fails;
in Spain the delivery is late all year; from August on the checkout in Poland breaks.
"""

import csv
import random
import sys
from datetime import date, timedelta
from pathlib import Path

N_ROWS = 1500
START, DAYS = date(2026, 1, 1), 273
JUNE, AUGUST = date(2026, 6, 1), date(2026, 8, 1)
PRODUCTS = ("Lantern", "Kettle", "Speaker", "Backpack")
COUNTRIES = ("Germany", "France", "Spain", "Poland")
USUAL = 0.15  # share of reviews that complain

GOOD = (
    "I love this {product}.",
    "The {product} is wonderful, exactly what I had hoped for.",
    "Beautifully made, and a great price too.",
    "My sister was delighted with it.",
    "Works perfectly, and looks lovely.",
    "A really good {product}, I am very happy.",
    "Excellent quality, I would buy it again.",
    "It has been a joy from the first day.",
    "The best {product} we have ever had.",
    "Great, solid, and very easy to use.",
    "Friendly service and a fantastic {product}.",
    "It does what it promises, and does it superbly.",
)
MORE = (
    "We take it along on every trip.",
    "I use it nearly every day.",
    "It was a present for my father.",
    "My neighbour has ordered one as well.",
    "I had been looking for one since last year.",
    "It stands in our kitchen now.",
    "This is my second one.",
    "The colour is a dark green.",
    "I read other reviews before I ordered.",
    "It came in a plain cardboard box.",
)
BAD = (
    "The {product} is ugly and feels cheap.",
    "A disappointment, I sent it back.",
    "Poor quality, I regret buying it.",
    "The handle broke off, terrible.",
    "Awful smell of plastic, I cannot stand it.",
    "Much smaller than in the picture, I am annoyed.",
    "The manual is useless and the {product} is worse.",
    "Scratched all over, really bad.",
)
BATTERY = (
    "The battery died after a week, I am so disappointed.",
    "Terrible battery, it stopped charging within days.",
    "The battery is awful and lasts ten minutes at most.",
    "It stopped charging, what a useless thing.",
    "A bad battery ruins it, and nobody answers my mails.",
    "Battery flat every single evening, I want my money back.",
)
DELIVERY = (
    "The delivery took five weeks, horrible.",
    "Terrible delivery, the parcel was late and crushed.",
    "A late delivery once more, I am fed up.",
    "The delivery never came on the promised day, very bad service.",
    "Awful courier, the delivery was left in the rain.",
)
CHECKOUT = (
    "The checkout crashed three times, dreadful.",
    "Awful checkout, it charged my card twice.",
    "The checkout rejects every card, this is a disgrace.",
    "I hate this checkout, it lost my whole basket.",
    "A broken checkout, I gave up in anger.",
)


def make_rows(n: int = N_ROWS, seed: int = 2026) -> list[dict[str, str]]:
    """Reviews in the order in which they came in."""
    rng = random.Random(seed)
    rows = [make_row(rng) for _ in range(n)]
    return sorted(rows, key=lambda row: row["date"])


def make_row(rng: random.Random) -> dict[str, str]:
    """A review of a product, from a country, on a day; it complains of what is wrong there."""
    day = START + timedelta(days=rng.randrange(DAYS))
    product, country = rng.choice(PRODUCTS), rng.choice(COUNTRIES)
    troubles = []
    if product == "Lantern" and day >= JUNE:
        troubles.append((0.5, BATTERY))
    if country == "Spain":
        troubles.append((0.2, DELIVERY))
    if country == "Poland" and day >= AUGUST:
        troubles.append((0.5, CHECKOUT))
    kind = next((texts for share, texts in troubles if rng.random() < share), None)
    if kind is None:
        kind = BAD if rng.random() < USUAL else GOOD
    sentences = [rng.choice(kind).format(product=product.lower())]
    sentences += rng.sample(MORE, rng.randrange(3))
    rng.shuffle(sentences)
    return {
        "date": day.isoformat(),
        "product": product,
        "country": country,
        "text": " ".join(sentences),
    }


def main() -> None:
    """Write the rows to the file that is named."""
    rows = make_rows()
    with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
