"""The kinds of items. An unknown one is an error, never taken for another."""

from items.kinds.kind import Kind
from items.kinds.likert import Likert
from items.kinds.matching import Matching
from items.kinds.multiple_response import MultipleResponse
from items.kinds.numeric import Numeric
from items.kinds.ordering import Ordering
from items.kinds.single_choice import SingleChoice

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        SingleChoice(),
        MultipleResponse(),
        Likert(),
        Numeric(),
        Ordering(),
        Matching(),
    )
}


def kind_of(name: str) -> Kind:
    """Raises LookupError for a kind that is not registered."""
    kind = KINDS.get(name)
    if kind is None:
        raise LookupError(f"no kind of item is called {name!r}")
    return kind
