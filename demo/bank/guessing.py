"""Answers at random to items of the demo as the API shows them, for students who only fill it."""

from random import Random
from typing import Any


def guess(item: dict[str, Any], rng: Random) -> dict[str, Any]:
    """An answer that the item takes; item: as the API tells it."""
    options = [option["id"] for option in item["options"]]
    if item["kind"] == "numeric":
        return {"number": str(rng.randint(0, 9))}
    if item["kind"] == "ordering":
        return {"order": rng.sample(options, len(options))}
    if item["kind"] == "matching":
        return {"matches": [rng.choice(options) for _ in item["terms"]]}
    option = rng.choice(options)
    return {"options": [option]} if item["kind"] == "multiple_response" else {"option": option}
