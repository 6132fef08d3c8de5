"""What a bank cannot give is refused when the settings are saved, with the sentence to mend it."""

import pytest
from django.utils import timezone

from common.errors import Conflict, InvalidInput
from items.models import (
    Bank,
    Item,
    ItemVersion,
    ReleasedItem,
    Role,
    Stimulus,
)
from sessions.models import ExamineeGroup, NormGroup, Test, TestVersion
from sessions.rules.specification import create_test_version
from sessions.simulation.gate import open_test
from tests.factories import freeze, make_item
from tests.sessions.builders import make_bank, question

pytestmark = pytest.mark.django_db
BOTH = {"en": "name", "ko": "이름"}
CUTS = {"cut_scores": [-0.25, 0.25], "level_names": [BOTH] * 3}


def refusals(settings, bank=None):
    """The sentences with which a new version is refused; nothing is written."""
    test = Test.objects.create(slug="t", bank=bank or make_bank(), title=BOTH)
    with pytest.raises(InvalidInput) as refused:
        create_test_version(test, None, **{"max_items": 12} | settings)
    assert not TestVersion.objects.exists()
    return refused.value.detail["faults"]


def area(code, **bounds):
    return {"blueprint": {"areas": [{"area": code, **bounds}]}}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"min_items": 21, "max_items": 30},
            "A test of at least 21 items needs as many operational items, the bank has 20: release "
            "more of them or lower the fewest items.",
        ),
        (
            {"stopping_rule": {"standard_error": {"at_most": 0.3}}},
            "A standard error of 0.3 is out of reach: it needs information 10.1, and the 12 most "
            "informative items give at most 3.8, at θ = 0.0. Allow a larger error or a longer "
            "test, or release more informative items.",
        ),
        (
            {"stopping_rule": {"information_left": {"below": 0.5}}},
            "No item has information 0.5 at any θ, the most is 0.38 at θ = -2.0, so that every "
            "test would end at once: lower the limit of the information left.",
        ),
        (
            {"stopping_rule": {"classified": {"method": "sprt"}}},
            "A test that ends when the level is certain needs a cut score: add one or choose "
            "another rule.",
        ),
        (
            {"stopping_rule": {"classified": {"method": "glr", "indifference": 0.3}}, **CUTS},
            "The cut scores are only 0.5 apart, so that their indifference regions of ±0.3 "
            "overlap: make the indifference 0.25 at most.",
        ),
        (area("space", min=1), "The bank has no content area space; it has: all."),
        (
            area("all", min=25) | {"max_items": 30},
            "all needs 25 operational items, the bank has 20: release more of them or ask for "
            "fewer.",
        ),
        (
            area("all", share=0.5, min=8),
            "all: 50% of 12 items are 6, which is not between its minimum and maximum. Change the "
            "share or the bounds.",
        ),
        (
            area("all", min=13),
            "The minimums of the areas need 13 items, and the test has at most 12: lower them or "
            "allow a longer test.",
        ),
        (
            area("all", max=4),
            "Areas, enemies and stimulus sets allow at most 4 items, and the test needs 5: raise "
            "the maximums, shorten the test or release more items.",
        ),
        (
            {"content_method": "shadow_test", "max_items": 30},
            "A shadow test always holds the most items, 30, and the bank has 20 operational ones: "
            "lower the most items or release more.",
        ),
        (
            {"blueprint": {"max_words": 10}},
            "The 5 items with the fewest words that make a test of the blueprint have 60 words, "
            "the limit is 10: raise it or shorten the test.",
        ),
        (
            {"blueprint": {"max_seconds": 600}},
            "20 items have no expected time: canary-code-4711-000, canary-code-4711-001, "
            "canary-code-4711-002, canary-code-4711-003, canary-code-4711-004, …. Write it on "
            "their pages and publish, or take the limit of seconds out of the blueprint.",
        ),
        (
            {"selection": "a_stratified", "strata": 13},
            "13 strata are too many for a test of at most 12 items from a bank with 20 operational "
            "ones: choose 12 or fewer.",
        ),
        (
            {"exposure_method": "sympson_hetter", "exposure_rate": 0.3},
            "An exposure rate of 0.3 leaves no item: 20 operational items cannot fill tests of 12 "
            "items at that rate. The smallest rate that works is 0.6.",
        ),
        (
            {"cap_rate": 0.59},
            "A hard cap of 0.59 leaves no item: 20 operational items cannot fill tests of 12 items "
            "at that rate. The smallest rate that works is 0.6.",
        ),
        (
            {"pretest_items": 2, "pretest_positions": [1, 7]},
            "Position 7 of a pretest item may never be reached: with at least 5 scored and 2 "
            "pretest items, use positions up to 6, or raise the fewest items.",
        ),
        (
            {"pretest_items": 2, "pretest_positions": [2, 2]},
            "The positions of pretest items count from 1, and each is used once.",
        ),
        (
            {"pretest_items": 1, "pretest_positions": [0]},
            "The positions of pretest items count from 1, and each is used once.",
        ),
        (
            area("all", min=4, max=3),
            "The blueprint is wrong at “areas[0].max”: the minimum 4 of all is above its maximum "
            "3.",
        ),
        (
            {"blueprint": {"areas": [{"area": "all"}, {"area": "all"}]}},
            "The blueprint is wrong at “areas[1].area”: all is bounded twice.",
        ),
        (
            {"blueprint": {"sets": [{"min": 2}, {"max": 3}]}},
            "The blueprint is wrong at “sets[1].stimulus”: any set is bounded twice.",
        ),
        (
            {"blueprint": {"sets": [{"min": 0}]}},
            "The blueprint is wrong at “sets[0].min”: a whole number from 1 is needed.",
        ),
        (
            {"blueprint": {"max_words": 0}},
            "The blueprint is wrong at “max_words”: a whole number from 1 is needed.",
        ),
        (
            {"stopping_rule": {"any": [{"standard_error": {"at_most": "low"}}]}},
            "The stopping rule is wrong at “any[0].standard_error”: at_most is a number.",
        ),
        (
            {"group_priors": {"7b": {"mean": 0, "sd": 1}}},
            "The priors of groups are wrong at “7b”: there is no examinee group with this code.",
        ),
        (
            {"cut_scores": [0], "level_names": [BOTH, {"en": "high"}]},
            "The names of the levels are wrong at “level_names[1].ko”: every language of the bank "
            "needs a name.",
        ),
        (
            {"cut_scores": [0], "level_names": [BOTH, "high"]},
            "The names of the levels are wrong at “level_names[1]”: an object is needed.",
        ),
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused_with_their_sentence(settings, sentence):
    assert refusals(settings) == [sentence]


def test_every_fault_gets_its_own_sentence():
    settings = area("all", min=25) | {"max_items": 30, "cap_rate": 0.1}
    assert len(refusals(settings)) == 2


@pytest.mark.parametrize(
    ("prior", "path", "reason"),
    [
        ({"mean": "x", "sd": 1}, "7b.mean", "a number within ±4 is needed"),
        ({"mean": 0, "sd": 0}, "7b.sd", "a number of 0.2 or more is needed"),
        ({"mean": 0}, "7b", "an object with “mean” and “sd” is needed"),
    ],
)
def test_a_wrong_prior_of_a_group_is_refused_with_its_path(prior, path, reason):
    ExamineeGroup.objects.create(code="7b", name="7b")
    expected = f"The priors of groups are wrong at “{path}”: {reason}."
    assert refusals({"group_priors": {"7b": prior}}) == [expected]


def test_a_first_item_must_be_operational():
    bank = make_bank()
    item = make_item(bank, "new-1", question(bank.areas.get(), 1, key=1)).item
    assert refusals({"first_item_rule": "fixed", "first_item": item}, bank) == [
        "The first item, new-1, is not operational in the bank's current release: choose an "
        "operational one, or another rule for the first item."
    ]


def test_a_withdrawn_first_item_is_refused():
    bank = make_bank()
    item = Item.objects.first()
    ItemVersion.objects.filter(item=item).update(withdrawn_at=timezone.now())
    (sentence,) = refusals({"first_item_rule": "fixed", "first_item": item}, bank)
    assert sentence.startswith(f"The first item, {item}, is not operational")


def test_a_first_item_for_everybody_and_a_hard_cap_contradict_each_other():
    bank = make_bank()
    item = Item.objects.first()
    settings = {"first_item_rule": "fixed", "first_item": item, "cap_rate": 0.8}
    assert refusals(settings, bank) == [
        f"The first item is always {item}, but the hard cap allows it in a share of 0.8 of the "
        "sessions only: choose another rule for the first item, or no cap."
    ]


def test_items_and_norms_of_another_bank_are_refused():
    bank, other = make_bank(), make_bank(3, slug="other")
    norms = NormGroup.objects.create(
        bank=other, code="n", name=BOTH, percentiles=[p / 50 for p in range(99)], n_examinees=100
    )
    settings = {"norm_group": norms, "first_item_rule": "fixed", "first_item": other.items.first()}
    assert refusals(settings, bank) == [
        f"The first item, {other.items.first()}, belongs to another bank: choose one of math.",
        "The norm group n belongs to another bank: choose one of math.",
    ]


def test_a_stimulus_is_named_by_its_code():
    bank = make_bank()
    Stimulus.objects.create(bank=bank, code="passage-1", number=1, body=BOTH)
    settings = {"blueprint": {"sets": [{"stimulus": "passage-1", "min": 2}]}}
    assert refusals(settings, bank) == [
        "Stimulus passage-1 has no operational item in the bank: release some, or take its bound "
        "out of the blueprint."
    ]


def test_a_release_without_operational_items_is_refused():
    bank = make_bank(3)
    release = bank.releases.create()
    for row in ReleasedItem.objects.all():
        row.pk, row.release, row.role = None, release, Role.PRETEST
        row.save()
    freeze(release)
    assert refusals({}, bank) == [
        "math release 2 has no operational item: calibrate its pretest items and publish a release "
        "in which some are operational."
    ]


def test_a_test_may_be_specified_before_the_first_release_of_its_bank():
    bank = Bank.objects.create(slug="new", name="new", languages=["en"])
    test = Test.objects.create(slug="t", bank=bank, title=BOTH)
    version = create_test_version(test, None, **area("algebra", min=3))
    assert test.current_version == version


def test_a_test_that_its_first_release_cannot_give_is_not_opened():
    bank = make_bank(3)
    draft = Bank.objects.create(slug="new", name="new", languages=["en"])
    test = Test.objects.create(slug="t", bank=draft, title=BOTH)
    create_test_version(test, None, **area("all", min=5))
    Test.objects.update(bank=bank)
    test.refresh_from_db()
    with pytest.raises(Conflict) as refused:
        open_test(test, None)
    assert (refused.value.code, refused.value.detail["faults"]) == (
        "contradicts_bank",
        [
            "A test of at least 5 items needs as many operational items, the bank has 3: release "
            "more of them or lower the fewest items.",
        ],
    )


def test_settings_that_a_bank_just_can_fulfil_are_accepted():
    test = Test.objects.create(slug="t", bank=make_bank(), title=BOTH)
    create_test_version(
        test,
        None,
        max_items=12,
        cap_rate=0.6,
        exposure_method="eligibility",
        exposure_rate=0.6,
        selection="a_stratified",
        strata=12,
        pretest_items=2,
        pretest_positions=[1, 6],
        **area("all", min=12, max=12, share=1),
    )
    assert test.current_version.number == 1
