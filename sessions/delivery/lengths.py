"""How long a session is for the examinee, to whom pretest items are questions like any other."""

from collections.abc import Sequence


def answers_for(length: int, slots: int, positions: Sequence[int], pretest_items: int) -> int:
    """How many questions are answered with the last of `length` scored ones.

    Of `slots` pretest items, those count that there are items for and whose position comes before;
    drawn ones (no positions) all do (irt.pretest).
    """
    given = 0
    for position in sorted(positions) or range(1, slots + 1):
        if given < pretest_items and position <= length + given:
            given += 1
    return length + given
