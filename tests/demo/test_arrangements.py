"""The demo's items that are put in order or matched."""

from random import Random

import numpy as np
import pytest

from demo.bank.arrangements import arrangement_items
from demo.bank.content import LANGUAGES
from demo.bank.guessing import guess
from demo.bank.simulate import answer_item, simulate_responses
from demo.load import document_of
from demo.pretest import stored_answer
from items.answers import ScoringRule, check_and_score, scoring_rule
from items.exchange.importing import import_items
from items.models import ContentArea, ItemVersion
from items.rendering import public_content
from tests.factories import make_bank

ITEMS = arrangement_items()
NEVER, ALWAYS = -9.0, 9.0


def rule_of(item):
    positions = range(1, len(item.options) + 1)
    terms = tuple(n for n, option in enumerate(item.options, start=1) if option.term)
    highest = len(item.true_parameters[1])
    return ScoringRule(item.response_kind, highest, dict.fromkeys(positions, 0), (), terms)


def test_there_are_three_of_each_kind_and_every_text_is_in_both_languages():
    kinds = [item.response_kind for item in ITEMS]
    assert kinds == ["ordering"] * 3 + ["matching"] * 3
    for item in ITEMS:
        texts = [item.stem, item.rationale, *(option.text for option in item.options)]
        texts += [option.term for option in item.options if option.term]
        assert all(set(text) == set(LANGUAGES) and all(text.values()) for text in texts)


@pytest.mark.parametrize("item", ITEMS, ids=[item.code for item in ITEMS])
def test_a_simulated_answer_is_worth_its_score_and_every_score_comes(item):
    simulated = simulate_responses([item], n=400, seed=3)
    earned = [
        check_and_score(rule_of(item), stored_answer(item, answer))[1]
        for answer in simulated.answers
    ]
    assert earned == simulated.score.tolist()
    assert set(earned) == set(range(rule_of(item).max_score + 1))


def test_who_knows_everything_earns_everything():
    rng = np.random.default_rng(1)
    for item in ITEMS:
        for theta, score in ((NEVER, 0), (ALWAYS, rule_of(item).max_score)):
            answer = stored_answer(item, answer_item(item, theta, rng))
            assert check_and_score(rule_of(item), answer)[1] == score


@pytest.mark.django_db
def test_the_bank_takes_them_and_guesses_are_answers():
    bank = make_bank(languages=LANGUAGES)
    for code in {item.area for item in ITEMS} - {"algebra"}:
        ContentArea.objects.create(bank=bank, code=code, name={"en": code})
    report = import_items(bank, document_of(ITEMS), actor=None, reason="for a test")
    assert report.count("new") == len(ITEMS)
    for version in ItemVersion.objects.filter(item__bank=bank).select_related("item"):
        item = next(item for item in ITEMS if item.code == version.item.code)
        assert scoring_rule(version) == rule_of(item)
        answer = guess(dict(public_content(version, "en")), Random(1))
        assert check_and_score(scoring_rule(version), answer)[1] <= version.max_score
