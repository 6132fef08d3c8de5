"""What a researcher is told when something is wrong, or only doubtful."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from irt.faults import Fault
from irt.fit.fitted_model import FitError
from irt.linking.common_items import LinkingError
from irt.models.parameters import ParameterError
from irt.responses import ResponseError

_MOST_NAMED = 5
# How the numerics name an item in a sentence.
_INDEX = re.compile(r"\bitem (\d+)\b")


class InputError(ValueError):
    """Input that cannot be used; the message says where it is at fault and how to mend it."""


class FitWarning(UserWarning):
    """A result that should be read with care; the message says why."""


@contextmanager
def naming_items(items: Sequence[str]) -> Iterator[None]:
    """Turn the errors of the numerics into `InputError`, with the item's label for its index."""
    try:
        yield
    except (ResponseError, ParameterError) as error:
        if error.item is None:
            raise InputError(error.reason) from error
        raise InputError(f"item {items[error.item]!r}: {error.reason}") from error
    except (FitError, LinkingError) as error:
        raise InputError(
            _INDEX.sub(lambda at: f"item {items[int(at[1])]!r}", str(error))
        ) from error


def told(fault: Fault) -> str:
    """The code and the values of a fault as a phrase."""
    values = [
        f"{name.replace('_', ' ')} {value:.3g}"
        if isinstance(value, float)
        else f"{name.replace('_', ' ')} {value}"
        for name, value in fault.values
    ]
    phrase = fault.code.replace("_", " ")
    return f"{phrase} ({', '.join(values)})" if values else phrase


def listed(labels: Sequence[object]) -> str:
    """The first few of many, in one phrase."""
    shown = ", ".join(str(label) for label in labels[:_MOST_NAMED])
    rest = len(labels) - _MOST_NAMED
    return f"{shown} and {rest} more" if rest > 0 else shown
