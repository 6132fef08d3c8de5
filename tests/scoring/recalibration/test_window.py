"""Which responses a calibration run sees."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from items.releases import publish
from scoring.recalibration.window import chosen_responses, collect_responses, reading_in_bulk
from sessions.models import Response, Session
from tests.scoring.builders import build_bank, copy_release, simulate_sessions, two_pl

pytestmark = pytest.mark.django_db


def test_responses_come_as_arrays_at_the_cost_of_one_query(django_assert_num_queries):
    truth = two_pl(6)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, np.zeros(20), items_each=4)

    # The query, the setting for its plan, and the savepoint around both.
    with django_assert_num_queries(4):
        window = collect_responses(bank)

    assert (window.n_responses, window.n_persons) == (80, 20)
    assert window.response_counts.sum() == 80
    assert set(window.version_ids) == set(
        release.released_items.values_list("item_version", flat=True)
    )
    expected = Response.objects.values_list("session", "item_version", "score")
    sessions = {
        pk: n for n, pk in enumerate(Session.objects.order_by("pk").values_list("pk", flat=True))
    }
    found = zip(window.person - 1, window.version_ids[window.version], window.score, strict=True)
    assert sorted((sessions[s], v, x) for s, v, x in expected) == sorted(
        (int(p), int(v), int(x)) for p, v, x in found
    )


def test_responses_loaded_just_now_are_read_without_nested_loops():
    truth = two_pl(6)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, np.zeros(200))

    assert "Nested Loop" in chosen_responses(bank).explain()
    with reading_in_bulk():
        assert "Nested Loop" not in chosen_responses(bank).explain()


def test_a_window_holds_the_sessions_that_ended_in_it():
    truth = two_pl(3)
    bank, release = build_bank(truth)
    now = timezone.now()
    for days in (1, 2, 3):
        moment = now - timedelta(days=days)
        simulate_sessions(release, truth, np.zeros(days), seed=days, finished_at=moment)

    window = collect_responses(bank, now - timedelta(days=2), now - timedelta(days=1))

    assert window.n_persons == 2


def test_responses_under_earlier_releases_count_and_other_banks_do_not():
    truth = two_pl(3)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, np.zeros(5))
    newer = publish(copy_release(release), None, "for a test")
    simulate_sessions(newer, truth, np.zeros(7), seed=2)
    _other, elsewhere = build_bank(truth, slug="elsewhere")
    simulate_sessions(elsewhere, truth, np.zeros(9))

    assert collect_responses(bank).n_persons == 12


def test_open_sessions_left_out_omissions_and_withdrawn_versions_do_not_count():
    truth = two_pl(3)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, np.zeros(3))
    withdrawn = release.released_items.get(item__code="I002").item_version
    withdrawn.withdrawn_at = timezone.now()
    withdrawn.save(update_fields=["withdrawn_at"])
    first, second, _third = Session.objects.order_by("pk")
    due = release.released_items.first().item_version_id
    Session.objects.filter(pk=first.pk).update(
        status="open", finished_at=None, due_item_version=due
    )
    answered = Response.objects.filter(session=second).order_by("position")
    Response.objects.bulk_create(
        Response(
            session=Session.objects.create(
                **{
                    field.attname: getattr(second, field.attname)
                    for field in Session._meta.fields
                    if field.name != "id"
                }
            ),
            **{
                field.attname: None if field.name == "score" else getattr(row, field.attname)
                for field in Response._meta.fields
                if field.name not in ("id", "session")
            },
        )
        for row in answered[:1]
    )

    window = collect_responses(bank)

    assert (window.n_persons, window.n_responses) == (2, 4)


def test_a_bank_without_sessions_has_an_empty_window():
    bank, _release = build_bank(two_pl(3))

    window = collect_responses(bank)

    assert (window.n_persons, window.n_responses, len(window.version_ids)) == (0, 0, 0)


def test_restricting_a_window_keeps_the_scores_with_their_versions():
    truth = two_pl(5)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, np.zeros(10))
    window = collect_responses(bank)

    part = window.restrict_to(np.array([1, 3]))

    assert part.version_ids.tolist() == window.version_ids[[1, 3]].tolist()
    assert part.response_counts.tolist() == [10, 10]
    assert part.score.tolist() == window.score[np.isin(window.version, [1, 3])].tolist()
