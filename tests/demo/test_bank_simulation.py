from collections import Counter
from decimal import Decimal

import numpy as np

from demo.bank.generate import mathematics_items
from demo.bank.questionnaire import wellbeing_items
from demo.bank.simulate import simulate_responses

MATHEMATICS = mathematics_items()
RESPONSES = simulate_responses(MATHEMATICS)


def scored(item, answer):
    """The score of a raw answer, from the options and rules alone."""
    if isinstance(answer, Decimal):
        return sum(score for lower, upper, score in item.rules if lower <= answer <= upper)
    if item.response_kind == "multiple_response":
        keys = tuple(place for place, option in enumerate(item.options) if option.score)
        return int(answer == keys)
    (place,) = answer
    return item.options[place].score


def test_every_examinee_answers_fourteen_different_items_of_each_area():
    areas = np.array([item.area for item in MATHEMATICS])[RESPONSES.item]
    per_area = Counter(zip(RESPONSES.person.tolist(), areas.tolist(), strict=True))
    assert len(per_area) == 2000 * 5
    assert set(per_area.values()) == {14}
    pairs = set(zip(RESPONSES.person.tolist(), RESPONSES.item.tolist(), strict=True))
    assert len(pairs) == len(RESPONSES.item) == 2000 * 70


def test_every_item_is_answered_about_equally_often():
    counts = np.bincount(RESPONSES.item, minlength=len(MATHEMATICS))
    assert counts.min() > 300
    assert counts.max() < 480


def test_every_raw_answer_is_worth_the_score_beside_it():
    items, scores = RESPONSES.item.tolist(), RESPONSES.score.tolist()
    assert [
        scored(MATHEMATICS[item], answer)
        for item, answer in zip(items, RESPONSES.answers, strict=True)
    ] == scores


def test_every_option_is_chosen_by_somebody():
    chosen = {
        (item, place)
        for item, answer in zip(RESPONSES.item.tolist(), RESPONSES.answers, strict=True)
        if not isinstance(answer, Decimal)
        for place in answer
    }
    assert chosen == {
        (index, place)
        for index, item in enumerate(MATHEMATICS)
        for place in range(len(item.options))
    }


def test_scores_follow_the_true_parameters():
    rows = np.array([[a, b, c] for a, (b,), c in (item.true_parameters for item in MATHEMATICS)])
    a, b, c = rows[RESPONSES.item].T
    theta = RESPONSES.theta[RESPONSES.person]
    expected = c + (1 - c) / (1 + np.exp(-a * (theta - b)))
    error = np.sqrt((expected * (1 - expected)).sum())
    assert abs(RESPONSES.score.sum() - expected.sum()) < 4 * error


def test_the_same_seed_gives_the_same_responses_and_another_seed_others():
    again = simulate_responses(MATHEMATICS)
    other = simulate_responses(MATHEMATICS, seed=1)
    assert np.array_equal(again.score, RESPONSES.score)
    assert again.answers == RESPONSES.answers
    assert not np.array_equal(other.score, RESPONSES.score)


def test_everybody_answers_the_whole_questionnaire():
    items = wellbeing_items()
    responses = simulate_responses(items, n=500)
    assert np.bincount(responses.item).tolist() == [500] * 12
    assert set(responses.score.tolist()) == {0, 1, 2, 3, 4}
    assert [
        scored(items[item], answer)
        for item, answer in zip(responses.item.tolist(), responses.answers, strict=True)
    ] == responses.score.tolist()
