"""A refreshed bank keeps its scale, whoever answered."""

from dataclasses import replace

import numpy as np
import pytest
from django.utils import timezone

from common.errors import Conflict
from irt.calibration.calibrate import calibrate
from irt.calibration.result import FIRST_GROUP_OWNER, Cause, ItemStatus, Undetermined
from irt.models.parameters import ItemParameters, Model
from items.models import Role
from items.release_rows import load_release
from items.releases import publish
from scoring.models import CalibrationRun
from scoring.recalibration.candidates import KeptOut, choose_candidates
from scoring.recalibration.refresh import refresh, require_converged
from scoring.recalibration.window import collect_responses
from tests.factories import EIGHT_MODELS, freeze
from tests.scoring.builders import (
    build_bank,
    copy_release,
    finished_run,
    simulate_sessions,
    two_pl,
)

pytestmark = pytest.mark.django_db
SUCCEEDED, FAILED = CalibrationRun.Status.SUCCEEDED, CalibrationRun.Status.FAILED


def abilities(n: int, mean: float = 0.0, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, 1.0, n)


def reasons(run: CalibrationRun) -> dict[str, str]:
    return {row["code"]: row["reason"] for row in run.evidence["kept_out"]}


def mean_shift(run: CalibrationRun) -> float:
    return float(np.mean([item["shift"] for item in run.evidence["items"]]))


def test_a_cohort_one_logit_abler_does_not_move_the_difficulties():
    truth = two_pl(40)
    bank, pretest = build_bank(truth, role=Role.PRETEST)
    simulate_sessions(pretest, truth, abilities(2000), items_each=20)
    first = finished_run(bank)
    standing = publish(first.draft, None, "the first calibration defines the scale")
    cohort = abilities(2000, mean=1.0, seed=4)
    now = timezone.now()
    simulate_sessions(standing, truth, cohort, seed=2, items_each=20, finished_at=now)

    run = finished_run(bank, window_start=first.window_end)

    assert run.status == SUCCEEDED
    assert run.standing == standing
    assert run.evidence["window"]["persons"] == 2000
    assert abs(mean_shift(run)) <= 0.05
    assert run.evidence["group"]["mean"] == pytest.approx(1.0, abs=0.1)
    assert run.evidence["group"]["sd"] == pytest.approx(1.0, abs=0.1)
    # The control: the same estimates on the sample's own scale are one logit off.
    link = run.evidence["link"]
    unlinked = [
        (np.subtract(item["b"], link["intercept"]) / link["slope"]) - np.array(item["old_b"])
        for item in run.evidence["items"]
    ]
    assert np.mean(unlinked) == pytest.approx(-1.0, abs=0.15)


def test_items_that_drifted_do_not_link_and_are_told_with_how_far_they_moved():
    truth = two_pl(20)
    bank, release = build_bank(truth)
    leaked = truth.difficulty.copy()
    leaked[[4, 9, 14]] -= 0.8
    now_easier = replace(truth, difficulty=leaked)
    simulate_sessions(release, now_easier, abilities(2000, mean=0.5))

    run = finished_run(bank)

    link = run.evidence["link"]
    assert link["method"] == "Haebara"
    assert sorted(row["code"] for row in link["drifted"]) == ["I004", "I009", "I014"]
    assert all(row["rmsd"] > 0.05 and row["p"] < 0.01 for row in link["drifted"])
    assert link["common_items"] == 17
    assert 0.01 < link["slope_se"] < 0.06
    assert link["intercept"] == pytest.approx(0.5, abs=3 * link["intercept_se"])
    shifts = {item["code"]: item["shift"] for item in run.evidence["items"]}
    assert [shifts[code] for code in ("I004", "I009", "I014")] == pytest.approx([-0.8] * 3, abs=0.3)


def test_at_least_half_of_the_common_items_link_whatever_drifted():
    truth = two_pl(8)
    bank, release = build_bank(truth)
    scattered = replace(truth, difficulty=truth.difficulty[[3, 0, 5, 6, 1, 2, 7, 4]])
    simulate_sessions(release, scattered, abilities(1000))

    run = finished_run(bank)

    assert run.status == SUCCEEDED
    assert run.evidence["link"]["common_items"] == 4
    assert len(run.evidence["link"]["drifted"]) == 4


def test_a_first_calibration_defines_the_scale_and_makes_pretest_items_operational():
    truth = two_pl(20)
    bank, release = build_bank(truth, role=Role.PRETEST)
    simulate_sessions(release, truth, abilities(1500, mean=0.7))

    run = finished_run(bank)

    assert run.evidence["link"] is None
    assert run.evidence["group"] == {"mean": 0.0, "sd": 1.0}
    rows = run.draft.released_items.order_by("item_id")
    assert [row.role for row in rows] == ["operational"] * 20
    assert {row.provenance for row in rows} == {"calibration"}
    assert all(row.discrimination_se > 0 and row.difficulty_se[0] > 0 for row in rows)
    difficulties = [row.difficulty[0] for row in rows]
    assert np.corrcoef(difficulties, truth.difficulty[:, 0])[0, 1] > 0.98
    assert np.mean(difficulties - truth.difficulty[:, 0]) == pytest.approx(-0.7, abs=0.1)


def test_parameters_and_standard_errors_are_written_on_the_banks_scale():
    truth = two_pl(15)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, 0.5 + 2 * abilities(2000))

    run = finished_run(bank)

    assert run.evidence["group"]["mean"] == pytest.approx(0.5, abs=0.15)
    assert run.evidence["group"]["sd"] == pytest.approx(2.0, abs=0.15)
    item = run.evidence["items"][7]
    row = run.draft.released_items.get(item=item["item"])
    assert (row.discrimination, row.difficulty) == (item["a"], item["b"])
    assert (row.discrimination_se, row.difficulty_se) == (item["se_a"], item["se_b"])
    assert row.discrimination == pytest.approx(truth.discrimination[7], abs=4 * item["se_a"])
    assert row.difficulty[0] == pytest.approx(truth.difficulty[7, 0], abs=0.2)


def test_graded_and_three_parameter_items_are_refreshed_together():
    steps = [-1.5, -0.5, 0.5, 1.5]
    graded = [("grm", 1.2, np.add(steps, shift), 0.0, 1.0) for shift in (-0.4, 0.0, 0.3, 0.5)]
    guessing = [("3pl", 1.3, b, 0.2, 1.0) for b in (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5)]
    truth = ItemParameters.from_rows([*graded, *guessing])
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, abilities(1500, mean=-0.5))

    run = finished_run(bank)

    assert run.status == SUCCEEDED
    assert reasons(run) == {}
    assert run.evidence["group"]["mean"] == pytest.approx(-0.5, abs=0.15)
    assert [len(item["b"]) for item in run.evidence["items"]] == [4] * 4 + [1] * 6
    assert all(item["se_c"] > 0 for item in run.evidence["items"][4:])


def rasch(n_items: int, a: float) -> ItemParameters:
    return ItemParameters.from_rows(
        (Model.RASCH, a, b, 0.0, 1.0) for b in np.linspace(-1.5, 1.5, n_items)
    )


def test_rasch_items_that_define_the_scale_take_the_spread_of_the_group():
    truth = rasch(15, a=1.0)
    bank, release = build_bank(truth, role=Role.PRETEST)
    simulate_sessions(release, truth, 1.6 * abilities(1500))

    run = finished_run(bank)

    assert run.evidence["group"] == {"mean": 0.0, "sd": 1.0}
    (slope,) = {item["a"] for item in run.evidence["items"]}
    assert slope == pytest.approx(1.6, abs=0.15)
    rows = list(run.draft.released_items.order_by("item_id"))
    assert {(row.model, row.discrimination_se) for row in rows} == {("rasch", None)}
    difficulties = [row.difficulty[0] for row in rows]
    assert difficulties == pytest.approx(truth.difficulty[:, 0] / 1.6, abs=0.2)


def test_rasch_items_are_linked_with_a_slope_of_the_banks_scale():
    truth = rasch(15, a=1.6)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, 0.5 + abilities(1500))

    run = finished_run(bank)

    (slope,) = {item["a"] for item in run.evidence["items"]}
    assert slope == pytest.approx(1.6, abs=1e-12)
    assert run.evidence["group"]["mean"] == pytest.approx(0.5, abs=0.1)
    assert run.evidence["group"]["sd"] == pytest.approx(1.0, abs=0.1)
    assert run.evidence["link"]["slope"] == pytest.approx(1 / 1.6, abs=1e-12)
    assert run.evidence["link"]["slope_se"] == 0.0


def all_models(copies: int) -> ItemParameters:
    """Items of all eight models, three steps where there are several, moved apart a little."""
    rows = [
        (Model(known.model), known.discrimination, np.add(known.difficulty, shift), *asymptotes)
        for shift in np.linspace(-0.3, 0.3, copies)
        for known in EIGHT_MODELS
        for asymptotes in [(known.lower_asymptote, known.upper_asymptote)]
    ]
    return ItemParameters.from_rows(rows)


def test_items_of_all_eight_models_are_refreshed_together():
    truth = all_models(copies=3)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, 0.3 + abilities(2000))

    run = finished_run(bank)

    assert run.status == SUCCEEDED
    assert reasons(run) == {}
    assert run.evidence["group"]["mean"] == pytest.approx(0.3, abs=0.15)
    items = {model: [] for model in truth.model.tolist()}
    for item in run.evidence["items"]:
        items[item["model"]].append(item)
    assert {model: len(found) for model, found in items.items()} == dict.fromkeys(items, 3)
    assert all(item["se_d"] > 0 and 0.8 < item["d"] < 1 for item in items["4pl"])
    assert {item["old_d"] for item in items["4pl"]} == {0.95}
    assert {item["se_d"] for item in items["3pl"]} == {None}
    fixed = {item["a"] for model in ("rasch", "pcm") for item in items[model]}
    assert len(fixed) == len({item["a"] for item in items["1pl"]}) == 1
    row = run.draft.released_items.get(item=items["4pl"][0]["item"])
    assert (row.upper_asymptote, row.upper_asymptote_se) == (
        items["4pl"][0]["d"],
        items["4pl"][0]["se_d"],
    )


def calibrated(bank, release):
    """Candidates and their calibration, as a run has them before it links."""
    settings = CalibrationRun(bank=bank, min_responses=100)
    candidates = choose_candidates(settings, release, collect_responses(bank))
    responses = candidates.window.as_responses(candidates.n_categories)
    return candidates, calibrate(responses, candidates.models)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (ItemStatus.STEEP, KeptOut.STEEP),
        (ItemStatus.UNDETERMINED, KeptOut.UNDETERMINED),
        (ItemStatus.AT_BOUND, KeptOut.UNDETERMINED),
    ],
)
def test_an_item_without_a_trustworthy_estimate_neither_links_nor_is_written(status, reason):
    truth = two_pl(8)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, abilities(400))
    candidates, calibration = calibrated(bank, release)
    changed = calibration.status.copy()
    changed[2] = status
    result = refresh(candidates, replace(calibration, status=changed), load_release(release))
    assert 2 not in result.common
    assert 2 not in result.accepted
    assert (candidates.released[2], reason) in result.kept_out


def test_responses_that_determine_no_item_are_refused_with_a_sentence():
    truth = two_pl(4)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, abilities(200))
    _candidates, calibration = calibrated(bank, release)
    require_converged(calibration, 1e-6)
    hopeless = replace(calibration, status=np.full(4, ItemStatus.UNDETERMINED.value))
    with pytest.raises(Conflict, match="the responses determine no item"):
        require_converged(hopeless, 1e-6)
    narrow = Undetermined(FIRST_GROUP_OWNER, "variance", 0.003, Cause.AT_BOUND)
    with pytest.raises(Conflict, match="do not determine the spread of ability"):
        require_converged(replace(calibration, undetermined=[narrow]), 1e-6)


def test_an_upper_asymptote_that_cannot_be_is_kept_out():
    truth = all_models(copies=1)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, abilities(500))
    candidates, calibration = calibrated(bank, release)
    upper = np.where(calibration.parameters.model == "4pl", 0.45, 1.0)
    parameters = replace(calibration.parameters, upper_asymptote=upper)
    result = refresh(candidates, replace(calibration, parameters=parameters), load_release(release))
    kept_out = {row.model: reason for row, reason in result.kept_out}
    assert kept_out["4pl"] == KeptOut.OUT_OF_BOUNDS


def test_an_item_with_too_few_responses_keeps_its_parameters_and_is_listed():
    truth = two_pl(12)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, abilities(300), items_each=6)
    counts = {row["code"]: row["responses"] for row in finished_run(bank).evidence["items"]}
    rarest = min(counts, key=counts.__getitem__)

    run = finished_run(bank, min_responses=counts[rarest] + 1)

    assert reasons(run)[rarest] == "too_few_responses"
    row = run.draft.released_items.get(item__code=rarest)
    standing = release.released_items.get(item__code=rarest)
    assert (row.discrimination, row.difficulty) == (standing.discrimination, standing.difficulty)
    assert row.provenance == "inherited"


def test_a_graded_item_with_a_category_that_nobody_chose_is_kept_out():
    easy = [("grm", 1.5, [-9.0, -8.0, -7.0], 0.0, 1.0)]
    truth = ItemParameters.from_rows(
        [*easy, *(("2pl", 1.0, b, 0.0, 1.0) for b in (-1.0, -0.3, 0.3, 1.0))]
    )
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, abilities(400))

    run = finished_run(bank)

    assert run.status == SUCCEEDED
    assert reasons(run) == {"I000": "empty_category"}
    assert run.draft.released_items.get(item__code="I000").difficulty == [-9.0, -8.0, -7.0]


def test_an_item_answered_the_wrong_way_round_is_never_published():
    truth = two_pl(10)
    bank, release = build_bank(truth)
    wrong = ItemParameters(
        truth.model,
        np.where(np.arange(10) == 4, -1.0, 1.0) * truth.discrimination,
        truth.difficulty,
        truth.lower_asymptote,
        truth.upper_asymptote,
    )
    simulate_sessions(release, wrong, abilities(800))

    run = finished_run(bank)

    assert reasons(run) == {"I004": "negative_slope"}
    assert run.draft.released_items.get(item__code="I004").provenance == "inherited"


def test_a_standing_item_is_not_replaced_by_a_less_certain_estimate():
    truth = ItemParameters.from_rows(
        [("2pl", 1.0, b, 0.0, 1.0) for b in (-1.0, -0.5, 0.0, 0.5, 1.0, -3.0)]
    )
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, abilities(400))

    run = finished_run(bank)

    assert reasons(run) == {"I005": "imprecise"}
    assert run.evidence["link"]["common_items"] == 5


def test_items_that_left_the_release_inform_the_estimates_but_are_not_written():
    truth = two_pl(12)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, abilities(500))
    gone = release.released_items.get(item__code="I003")
    current = publish(copy_release(release, without=(gone.item_version_id,)), None, "for a test")

    run = finished_run(bank)

    assert run.standing == current
    assert run.evidence["window"] == {"persons": 500, "responses": 6000, "items": 12}
    assert "I003" not in {item["code"] for item in run.evidence["items"]} | reasons(run).keys()
    assert not run.draft.released_items.filter(item__code="I003").exists()


def test_a_withdrawn_item_is_left_alone():
    truth = two_pl(12)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, abilities(500))
    version = release.released_items.get(item__code="I003").item_version
    version.withdrawn_at = release.published_at
    version.save(update_fields=["withdrawn_at"])

    run = finished_run(bank)

    assert run.evidence["window"] == {"persons": 500, "responses": 5500, "items": 11}
    assert reasons(run) == {"I003": "withdrawn"}
    assert run.draft.released_items.get(item__code="I003").provenance == "inherited"


def test_two_common_items_are_too_few_to_link():
    truth = two_pl(8)
    bank, release = build_bank(truth)
    draft = copy_release(release)
    draft.released_items.exclude(item__code__in=["I000", "I005"]).update(
        role=Role.PRETEST, discrimination=None, difficulty=None
    )
    publish(draft, None, "for a test")
    simulate_sessions(release, truth, abilities(500))

    run = finished_run(bank)

    assert run.status == FAILED
    assert run.error == (
        "Only 2 items with standing parameters could be estimated again; linking to the bank's "
        "scale takes at least 3."
    )
    assert run.draft is None
    assert bank.releases.filter(number=None).count() == 0
    assert run.evidence["em"]["converged"] is True


def test_a_window_without_enough_responses_fails_with_a_sentence():
    bank, release = build_bank(two_pl(8))
    simulate_sessions(release, two_pl(8), abilities(30))

    run = finished_run(bank)

    assert run.status == FAILED
    assert run.error == (
        "No item of the current release has 100 responses in this window. Widen the window or "
        "lower the fewest responses per item."
    )
    assert {row["responses"] for row in run.evidence["kept_out"]} == {30}


def test_an_em_that_does_not_converge_keeps_nothing(monkeypatch):
    monkeypatch.setattr("scoring.recalibration.execution.MAX_ITERATIONS", 2)
    truth = two_pl(8)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, abilities(300))

    run = finished_run(bank)

    assert run.status == FAILED
    assert run.error.startswith("The EM did not converge: after 2 iterations the gradient is")
    assert run.evidence["em"]["converged"] is False
    assert bank.releases.filter(number=None).count() == 0


def test_a_dichotomous_model_on_a_graded_item_is_kept_out():
    truth = two_pl(8)
    bank, release = build_bank(truth)
    graded = ItemParameters.from_rows([("grm", 1.0, [-1.0, 1.0], 0.0, 1.0)])
    _donor, donated = build_bank(graded, slug="donor")
    row = donated.released_items.get()
    draft = copy_release(release)
    draft.released_items.filter(item__code="I007").update(
        item=row.item_id, item_version=row.item_version_id
    )
    freeze(draft)
    simulate_sessions(draft, truth, abilities(300))

    run = finished_run(bank)

    assert run.status == SUCCEEDED
    kept_out = {entry["item"]: entry["reason"] for entry in run.evidence["kept_out"]}
    assert kept_out[row.item_id] == "model_mismatch"


def test_a_wide_sample_is_not_cut_off_by_the_usual_nodes():
    truth = ItemParameters.from_rows(
        [(Model.RASCH, 1.0, b, 0.0, 1.0) for b in np.linspace(-3.0, 3.0, 12)]
    )
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, 3.3 * abilities(300))

    run = finished_run(bank)

    assert run.status == SUCCEEDED
    em = run.evidence["em"]
    assert em["converged"] is True
    assert (em["nodes"], em["range"]) > (61, 6.0)
    assert float(run.evidence["group"]["sd"]) == pytest.approx(3.3, abs=0.4)


def test_nodes_that_were_asked_for_and_are_too_short_end_the_run_with_what_to_give():
    truth = two_pl(8)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, abilities(300))

    run = finished_run(bank, nodes=31, node_range=2.5)

    assert run.status == FAILED
    assert run.error == (
        "31 quadrature nodes on a range of 2.5 do not show the abilities: give at least 73 on a "
        "range of 6, or the usual 61 on 6, which adapt."
    )
    assert bank.releases.filter(number=None).count() == 0
