"""The order in which a session sees the options of an item whose stored order is its key."""

from collections.abc import Iterable
from hashlib import sha256


def shuffle(positions: Iterable[int], seed: int, version_id: int) -> tuple[int, ...]:
    """The positions in an order drawn from the session's seed and the item version, for ever.

    Every order is equally likely, the key's own among them: an order that never came would tell
    the examinee something, and of two options everything. Sorted by hashes rather than drawn by
    `random`, whose algorithms may change, because sessions replay and stored answers are compared.
    """
    return tuple(sorted(positions, key=lambda place: _rank(seed, version_id, place)))


def _rank(seed: int, version_id: int, position: int) -> bytes:
    return sha256(f"{seed}:{version_id}:{position}".encode()).digest()
