"""What is wrong with a policy, found before anybody takes the test."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A contradiction in a policy, or between a policy and a pool.

    code names the kind, so that floors above can translate; message is the English sentence with
    its places written as `%(name)s`, values the pairs (name, value) that fill them. The sentence
    says what is wrong and how to mend it.
    """

    code: str
    message: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return self.message % dict(self.values)
