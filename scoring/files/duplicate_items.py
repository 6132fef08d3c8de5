"""Items that are the same, in sentences for those who calibrate files."""

from collections.abc import Iterator, Sequence

from irt.fit.duplicates import Duplicates

_MOST_NAMED = 20


def tell_duplicates(found: Duplicates, items: Sequence[str]) -> Iterator[str]:
    """A sentence a pair, the surest first, with what to do."""
    for pair in range(min(len(found), _MOST_NAMED)):
        first, second = items[found.first[pair]], items[found.second[pair]]
        alike, persons = found.n_alike[pair], found.n_persons[pair]
        how = "mirror each other" if found.reversed[pair] else "are answered alike"
        whom = f"all {persons}" if alike == persons else f"{alike} of {persons}"
        yield (
            f"items {first} and {second} {how} by {whom} persons who answered both: "
            + _advice(bool(found.reversed[pair]), bool(found.is_sure[pair]))
        )
    if len(found) > _MOST_NAMED:
        yield f"{len(found) - _MOST_NAMED} more pairs of items are answered alike"


def _advice(is_reversed: bool, is_sure: bool) -> str:
    if not is_sure:
        return "too few to say whether they are one item"
    if is_reversed:
        return (
            "one seems to be the other scored the other way around; keep one of them and calibrate "
            "again"
        )
    return (
        "one item twice, or one that gives the other away. Keep one of them and calibrate again: "
        "together they pull both slopes up and make the test look more reliable than it is"
    )
