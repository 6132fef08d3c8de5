"""How many questions a session has, pretest items among them."""

import pytest

from sessions.delivery.lengths import answers_for


@pytest.mark.parametrize(
    ("length", "slots", "positions", "pretest_items", "answers"),
    [
        (5, 0, [], 0, 5),
        (5, 2, [], 9, 7),
        (5, 2, [], 1, 6),
        (5, 2, [2, 4], 9, 7),
        (5, 2, [5, 6], 9, 7),
        (5, 2, [5, 7], 9, 6),
        (5, 2, [6, 7], 9, 5),
        (5, 3, [7, 1, 2], 9, 8),
        (5, 3, [8, 1, 2], 9, 7),
    ],
)
def test_pretest_items_before_the_last_scored_one_count(
    length, slots, positions, pretest_items, answers
):
    assert answers_for(length, slots, positions, pretest_items) == answers
