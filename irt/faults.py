"""What is wrong with a policy, found before anybody takes the test: codes and values.

The sentences, in any language, stand on the floors above.
"""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Fault:
    """A contradiction in a policy, or between a policy and a pool.

    code names the kind; values are the pairs (name, value) that tell one fault of it from another,
    and that a sentence about it needs.
    """

    code: str
    values: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, code: str, **values: object) -> Self:
        return cls(code, tuple(values.items()))

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.values)
        return f"{self.code}: {told}" if told else self.code


class ImpossibleValue(ValueError):
    """A value that cannot be meant, and the fault that says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault
