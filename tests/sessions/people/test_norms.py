"""Norm groups: percentiles of finished sessions or of a normal distribution, written once."""

from statistics import NormalDist

import numpy as np
import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from common.errors import InvalidInput
from sessions.models import Examinee, NormGroup, Session
from sessions.people.norms import FinishedSessions, Normal, create_norm_group
from tests.sessions.builders import (
    HOUR,
    acts_of_delivery,
    make_bank,
    make_group,
    make_staff,
    make_test,
)

pytestmark = pytest.mark.django_db
NAME = {"en": "Grade 7", "ko": "7학년"}


def finish_sessions(test, thetas, prefix="s", **fields):
    """One finished session an examinee, with these θ."""
    now = timezone.now()
    release, version = test.bank.current_release, test.current_version
    rows = []
    for number, theta in enumerate(thetas):
        examinee, _new = Examinee.objects.get_or_create(external_id=f"{prefix}{number}")
        row = {
            "examinee": examinee,
            "test": test,
            "test_version": version,
            "release": release,
            "status": "finished",
            "stop_reason": "max_items",
            "seed": 1,
            "language": "en",
            "started_at": now,
            "finished_at": now,
            "position": 1,
            "administered_items": [1],
            "scores": [1],
            "theta": theta,
            "standard_error": 0.3,
            "log_likelihood": b"",
        }
        rows.append(Session(**row | fields))
    Session.objects.bulk_create(rows)
    return rows


def test_norms_are_the_percentiles_of_everybodys_last_finished_session():
    test = make_test(make_bank(3))
    finish_sessions(test, [9.0] * 150, finished_at=timezone.now() - HOUR)
    thetas = np.random.default_rng(1).standard_normal(150)
    finish_sessions(test, thetas)
    finish_sessions(test, [5.0] * 20, prefix="x", source="simulated")
    norms = create_norm_group(test.bank, "grade-7", NAME, FinishedSessions(test), None)
    assert norms.n_examinees == 150
    assert norms.percentiles == np.percentile(thetas, np.arange(1, 100), method="hazen").tolist()
    assert norms.note == "Finished sessions of placement."
    assert acts_of_delivery().get().act == "create"


def test_norms_of_one_examinee_group():
    test = make_test(make_bank(3))
    finish_sessions(test, np.linspace(-1, 1, 120))
    finish_sessions(test, np.full(120, 4.0), prefix="x")
    members = Examinee.objects.filter(external_id__startswith="s")
    group = make_group("7b", get_user_model().objects.create_user("t"), *members)
    norms = create_norm_group(test.bank, "7b", NAME, FinishedSessions(test, group), None)
    assert (norms.n_examinees, max(norms.percentiles) < 1) == (120, True)
    assert norms.note == "Finished sessions of placement, group 7b."


def test_a_normal_distribution_gives_its_quantiles():
    norms = create_norm_group(make_bank(3), "n", NAME, Normal(0.5, 1.25), None)
    normal = NormalDist(0.5, 1.25)
    assert norms.percentiles == [normal.inv_cdf(percent / 100) for percent in range(1, 100)]
    assert (norms.n_examinees, norms.percentiles[49]) == (0, 0.5)
    assert norms.note == "Normal distribution with mean 0.5 and SD 1.25."


def test_fewer_than_100_examinees_are_refused():
    test = make_test(make_bank(3))
    finish_sessions(test, np.zeros(99))
    with pytest.raises(InvalidInput) as refused:
        create_norm_group(test.bank, "n", NAME, FinishedSessions(test), None)
    assert refused.value.message == (
        "Norms need at least 100 examinees who finished the test; 99 did. Wait for more, take a "
        "larger group, or enter a normal distribution known from elsewhere."
    )
    assert not NormGroup.objects.exists()


@pytest.mark.parametrize("normal", [Normal(0, 0), Normal(float("nan"), 1), Normal(0, float("inf"))])
def test_a_distribution_that_is_none_is_refused(normal):
    with pytest.raises(InvalidInput, match="finite mean and a positive, finite SD"):
        create_norm_group(make_bank(3), "n", NAME, normal, None)


def test_norms_of_a_test_on_another_bank_are_refused():
    test = make_test(make_bank(3, slug="other"))
    with pytest.raises(InvalidInput, match="whose θ is on another scale"):
        create_norm_group(make_bank(3), "n", NAME, FinishedSessions(test), None)


def test_norms_are_written_once():
    bank = make_bank(3)
    norms = create_norm_group(bank, "n", NAME, Normal(0, 1), None)
    with pytest.raises(InvalidInput, match="norms never change, so choose another code"):
        create_norm_group(bank, "n", NAME, Normal(1, 1), None)
    with pytest.raises(IntegrityError), transaction.atomic():
        NormGroup.objects.filter(pk=norms.pk).update(n_examinees=5)


@pytest.fixture
def operator(roles, client):
    client.force_login(make_staff("olga", "operator"))


ADD = "/admin/cat_sessions/normgroup/add/"


def test_an_operator_makes_norms_in_the_admin(operator, client):
    bank = make_bank(3)
    data = {"code": "n", "name_en": "Norms", "name_ko": "규준", "source": "normal"}
    page = client.post(ADD, data).content.decode()
    assert page.count("This source needs it.") == 3
    reply = client.post(ADD, data | {"bank": bank.pk, "mean": "0", "sd": "1"})
    norms = NormGroup.objects.get()
    assert reply["Location"] == reverse("admin:cat_sessions_normgroup_change", args=[norms.pk])
    page = client.get(reply["Location"]).content.decode()
    assert "-1.64, -0.67, 0.00, 0.67, 1.64" in page
    assert 'name="_save"' not in page
    assert client.get("/admin/cat_sessions/normgroup/").status_code == 200


def test_the_admin_tells_why_norms_cannot_be_made(operator, client):
    test = make_test(make_bank(3))
    data = {"code": "n", "name_en": "Norms", "name_ko": "규준", "source": "sessions"}
    page = client.post(ADD, data | {"test": test.pk}).content.decode()
    assert "Norms need at least 100 examinees who finished the test; 0 did." in page


def test_authors_do_not_make_norms(roles, client):
    client.force_login(make_staff("ann", "author"))
    assert client.get(ADD).status_code == 403
