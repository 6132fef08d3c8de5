"""Why this item? What is kept of each choice, and how staff read it."""

import pytest
from django.urls import reverse

from items.models import Item
from sessions.models import Response, Session
from tests.sessions.builders import make_bank, make_staff, make_student, make_test
from tests.sessions.client import answer, signed_in, start

pytestmark = pytest.mark.django_db


def one_answer(**settings):
    """The session of a new test after one right answer, and the examinee's client."""
    bank = make_bank(20, areas=("algebra", "geometry"), n_pretest=4, enemies=(9, 10))
    make_test(bank, **{"draw": "best", **settings})
    client = signed_in(make_student().user)
    answer(client, start(client))
    return Session.objects.get(), client


def why(client, session, position):
    return client.get(
        reverse("admin:cat_sessions_session_why", args=[session.pk, position])
    ).content.decode()


@pytest.fixture
def operator(roles):
    return signed_in(make_staff("olga", "operator"))


def test_the_log_holds_the_best_candidates_the_vetoes_and_the_draw():
    session, _client = one_answer()
    (first,) = Response.objects.all()
    log = first.selection
    assert next(item for item, _value in log["best"]) == first.item_id
    values = [value for _item, value in log["best"]]
    assert len(values) == 5
    assert values == sorted(values, reverse=True)
    assert (log["vetoed"], log["vetoes"]) == ([], {"NOT_OPERATIONAL": 4})
    assert (log["theta"], log["standard_error"]) == (
        pytest.approx(0, abs=1e-9),
        pytest.approx(1, abs=1e-3),
    )
    assert 0 <= log["draw"] < 1
    assert log["pretest"] is False
    due = session.due_selection
    assert (due["theta"], due["standard_error"]) == (first.theta, first.standard_error)
    # Both items next to the middle are enemies, and one of them was given.
    assert due["vetoes"] == {"NOT_OPERATIONAL": 4, "ADMINISTERED": 1, "ENEMY": 1}


def test_after_the_last_answer_nothing_is_due_and_nothing_is_explained():
    session, client = one_answer(max_items=3)
    state = client.get(f"/api/v1/sessions/{session.pk}").json()
    while state["status"] == "open":
        state = answer(client, state).json()
    session.refresh_from_db()
    assert session.due_selection == {}
    assert all(response.selection for response in session.responses.all())


def test_each_answer_and_the_item_that_is_due_lead_to_their_explanation(operator):
    session, _client = one_answer()
    page = operator.get(reverse("admin:cat_sessions_session_change", args=[session.pk]))
    for position in (1, 2):
        address = reverse("admin:cat_sessions_session_why", args=[session.pk, position])
        assert f'href="{address}"' in page.content.decode()


def test_the_page_tells_candidates_vetoes_draw_and_theta(operator):
    session, _client = one_answer(randomesque=3, draw="randomesque")
    page = why(operator, session, 1)
    for item_id, _value in Response.objects.get().selection["best"]:
        assert Item.objects.get(pk=item_id).code in page
    assert "One of the 3 best was drawn." in page
    assert page.count('class="bar') == 5
    assert page.count("bar-chosen") == 1
    assert "pretest item" in page
    assert "maximum information" in page


def test_the_item_that_is_due_is_explained_with_what_was_better_but_forbidden(operator):
    session, _client = one_answer()
    page = why(operator, session, 2)
    assert "enemy of an item already given" in page
    assert "The best item was taken; chance had no part in it." in page


def test_a_pretest_item_is_explained_without_candidates(operator):
    session, _client = one_answer(pretest_items=1, pretest_positions=[1])
    page = why(operator, session, 1)
    assert "one of those with the fewest answers so far" in page
    assert 'class="bar' not in page


def test_a_session_from_before_the_log_says_so(operator):
    session, _client = one_answer()
    Session.objects.update(due_selection={})
    assert "Nothing was kept about this choice" in why(operator, session, 2)


def test_an_item_that_was_not_given_cannot_be_explained(operator):
    session, _client = one_answer()
    address = reverse("admin:cat_sessions_session_why", args=[session.pk, 3])
    assert operator.get(address).status_code == 404


def test_only_staff_who_see_sessions_read_it(roles):
    session, client = one_answer()
    address = reverse("admin:cat_sessions_session_why", args=[session.pk, 1])
    assert client.get(address).status_code == 302
    author = signed_in(make_staff("anna", "author"))
    assert author.get(address).status_code == 403


def test_no_explanation_reaches_the_examinee():
    session, client = one_answer()
    for path in ("", "/item", "/report"):
        told = client.get(f"/api/v1/sessions/{session.pk}{path}").content.decode()
        assert not {"best", "vetoed", "draw", "pretest"} & set(told.replace('"', " ").split())
