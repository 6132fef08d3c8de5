"""Scores, levels and percentiles, as values and where they are reported."""

from statistics import NormalDist

import pytest
from django.urls import reverse

from sessions.models import NormGroup, Session
from sessions.models.reporting import Reporting, Scale
from tests.sessions.builders import make_bank, make_group, make_staff, make_student, make_test
from tests.sessions.client import API, answer, signed_in, start

NORMS = tuple(NormalDist().inv_cdf(percent / 100) for percent in range(1, 100))
LEVELS = ({"en": "low", "ko": "하"}, {"en": "middle", "ko": "중"}, {"en": "high", "ko": "상"})


@pytest.mark.parametrize(
    ("limits", "theta", "score"),
    [
        ({}, 0.123, 512.3),
        ({"decimals": 0}, 0.126, 513.0),
        ({"decimals": 1}, 0.1234, 512.3),
        ({"floor": 200.0}, -4.0, 200.0),
        ({"ceiling": 800.0, "decimals": 0}, 4.0, 800.0),
        ({"floor": 200.0, "ceiling": 800.0}, 1.0, 600.0),
    ],
)
def test_a_score_is_scaled_limited_and_rounded(limits, theta, score):
    assert Scale(500.0, 100.0, **limits).score(theta) == pytest.approx(score, abs=1e-9)


def test_a_standard_error_goes_onto_the_scale_as_it_is():
    assert Scale(500.0, 100.0, decimals=0, ceiling=510.0).error(0.3214) == pytest.approx(32.14)


def test_a_level_has_a_name_in_each_language():
    reporting = Reporting(Scale(0, 1), level_names=LEVELS)
    assert [reporting.level_name(level, "en") for level in range(3)] == ["low", "middle", "high"]
    assert reporting.level_name(2, "ko") == "상"
    assert reporting.level_name(None, "en") is None
    assert Reporting(Scale(0, 1)).level_name(0, "en") is None


def test_percentiles_are_interpolated_and_end_with_the_norms():
    reporting = Reporting(Scale(0, 1), norms=NORMS)
    assert reporting.percentile(NORMS[0]) == 1.0
    assert reporting.percentile(NORMS[49]) == 50.0
    assert reporting.percentile((NORMS[49] + NORMS[50]) / 2) == pytest.approx(50.5)
    assert reporting.percentile(NORMS[98]) == 99.0
    assert (reporting.percentile(-9.0), reporting.percentile(9.0)) == (0.0, 100.0)
    shown = [reporting.shown_percentile(theta) for theta in (-9.0, 0.0, 9.0)]
    assert shown == ["< 1", "50", "> 99"]
    assert Reporting(Scale(0, 1)).percentile(0.0) is None
    assert Reporting(Scale(0, 1)).shown_percentile(0.0) == ""


@pytest.fixture
def bank(db):
    return make_bank(20)


def ended(bank, settings, option=None):
    """(the examinee's client, the session) of a whole session."""
    norms = NormGroup.objects.create(
        bank=bank, code="n", name={"en": "Year 8"}, percentiles=list(NORMS), n_examinees=1000
    )
    make_test(
        bank,
        max_items=4,
        cut_scores=[-0.5, 0.5],
        level_names=list(LEVELS),
        norm_group=norms,
        **settings,
    )
    client = signed_in(make_student().user)
    state = start(client)
    while state["status"] == "open":
        state = answer(client, state, option).json()
    return client, Session.objects.get()


def test_the_report_holds_score_level_and_percentile(bank):
    client, session = ended(bank, {"scale_decimals": 0, "scale_ceiling": 560.0})
    report = client.get(f"{API}/sessions/{session.pk}/report").json()
    assert report["scaled_score"] == min(560.0, round(500 + 100 * session.theta))
    assert report["scaled_standard_error"] == 100 * session.standard_error
    assert report["level"] == "high"
    reporting = Reporting(Scale(500.0, 100.0), norms=NORMS)
    assert report["percentile"] == reporting.percentile(session.theta)


def test_a_report_without_levels_and_norms_says_so(bank):
    make_test(bank, max_items=3)
    client = signed_in(make_student().user)
    state = start(client)
    path = f"{API}/sessions/{state['session']}/report"
    assert (client.get(path).json()["level"], client.get(path).json()["percentile"]) == (None, None)
    while state["status"] == "open":
        state = answer(client, state).json()
    assert (client.get(path).json()["level"], client.get(path).json()["percentile"]) == (None, None)


def test_the_result_page_tells_level_and_percentile(bank):
    client, session = ended(bank, {"scale_decimals": 1})
    page = client.get(reverse("result", args=[session.pk])).content.decode()
    shown = Reporting(Scale(500, 100), norms=NORMS).shown_percentile(session.theta)
    assert "Your level: <strong>high</strong>" in page
    assert f"<strong>{shown} in 100</strong> people of the norm group “Year 8”" in page
    assert f"<span>{round(500 + 100 * session.theta, 1)}</span>" in page


def test_beyond_the_norms_the_result_page_says_only_on_which_side(bank):
    norms = [theta - 9 for theta in NORMS]
    client, _session = ended(bank, {})
    group = NormGroup.objects.create(
        bank=bank, code="easy", name={"en": "Year 2"}, percentiles=norms, n_examinees=9
    )
    make_test(bank, "second", max_items=3, norm_group=group)
    state = start(client, "second")
    while state["status"] == "open":
        state = answer(client, state).json()
    page = client.get(reverse("result", args=[state["session"]])).content.decode()
    assert "It lies above the 99th percentile of the norm group “Year 2”." in page


def test_the_reported_estimate_is_the_final_one_however_the_session_ends(bank):
    make_test(bank, max_items=8, final_estimator="ml", fence=3.0)
    client = signed_in(make_student().user)
    state = answer(client, start(client)).json()
    client.post(f"{API}/sessions/{state['session']}/finish", "{}", content_type="application/json")
    session = Session.objects.get()
    # One right answer: the likelihood rises without end, so ML stands at the fence, EAP does not.
    assert (session.theta, session.stop_reason) == (3.0, "by_examinee")
    assert session.responses.get().theta == session.interim_theta < 1


def test_teachers_and_staff_see_level_and_percentile(bank):
    _client, session = ended(bank, {})
    teacher = make_staff("tess", "teacher")
    make_group("a", teacher, session.examinee)
    page = signed_in(teacher).get(reverse("session-detail", args=[session.pk])).content.decode()
    assert "<dd>high</dd>" in page
    assert "(Year 8)" in page
    staff = signed_in(make_staff("olga", "operator"))
    page = staff.get(reverse("admin:cat_sessions_session_change", args=[session.pk]))
    assert "<dd>high</dd>" in page.content.decode()
    assert "(Year 8)" in page.content.decode()


# --- nobody is compared with anybody who was not measured

CLAIMS = ("percentile", "Percentile", "in 100", "reference group", "norm group", "density")


def every_page_about(session):
    """{address: what it says} of the result and of the pages of teachers and staff."""
    teacher = make_staff("tess", "teacher")
    make_group("a", teacher, session.examinee)
    staff = signed_in(make_staff("olga", "operator"))
    student, teacher = signed_in(session.examinee.user), signed_in(teacher)
    asked = [
        (student, reverse("home")),
        (student, reverse("result", args=[session.pk])),
        (teacher, reverse("session-list")),
        (teacher, reverse("session-detail", args=[session.pk])),
        (staff, reverse("admin:cat_sessions_session_change", args=[session.pk])),
    ]
    pages = {address: client.get(address, follow=True) for client, address in asked}
    assert {page.status_code for page in pages.values()} == {200}
    return {address: page.content.decode().partition("<main")[2] for address, page in pages.items()}


def taken(bank, option=None, **settings):
    make_test(bank, max_items=4, **settings)
    client = signed_in(make_student().user)
    state = start(client)
    while state["status"] == "open":
        state = answer(client, state, option).json()
    return client, Session.objects.get()


@pytest.mark.parametrize(
    ("option", "settings"),
    [
        (None, {}),
        (1, {"scale_mean": 50.0, "scale_sd": 10.0}),
        (None, {"scale_floor": 450.0, "scale_ceiling": 550.0}),
        (2, {"cut_scores": [-0.5, 0.5], "level_names": list(LEVELS)}),
    ],
    ids=["able", "another scale", "at the ceiling", "levels"],
)
def test_without_a_norm_group_no_page_compares_the_score_with_anybody(
    bank, roles, option, settings
):
    client, session = taken(bank, option, **settings)
    for address, page in every_page_about(session).items():
        assert [claim for claim in CLAIMS if claim in page] == [], address
    assert client.get(f"{API}/sessions/{session.pk}/report").json()["percentile"] is None


def test_without_a_norm_group_the_korean_page_compares_with_nobody_either(bank):
    client, session = taken(bank)
    client.cookies["django_language"] = "ko"
    page = client.get(reverse("result", args=[session.pk])).content.decode()
    assert "나의 결과" in page
    assert [claim for claim in ("기준 집단", "규준", "백분위", "100명 중") if claim in page] == []


def test_the_alternative_text_names_the_norm_group_whose_hill_is_drawn(bank):
    client, session = ended(bank, {})
    page = client.get(reverse("result", args=[session.pk])).content.decode()
    assert "and the distribution of the norm group “Year 8”</title>" in page
    assert '<span class="key-density">norm group “Year 8”</span>' in page
    assert 'class="area density"' in page


def test_who_answered_nothing_has_no_percentile_among_norms_either(bank, roles):
    client, session = ended(bank, {})
    Session.objects.update(administered_items=[], scores=[])
    report = client.get(f"{API}/sessions/{session.pk}/report").json()
    assert report["percentile"] is None
    for address, page in every_page_about(session).items():
        assert "Percentile" not in page, address
