import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory

from common.errors import TryAgain
from irtcat_site.middleware import domain_errors


def page_for(error):
    middleware = domain_errors(lambda request: HttpResponse())
    return middleware.process_exception(RequestFactory().get("/"), error)


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_a_silent_database_gives_a_page_that_asks_to_try_again(error):
    page = page_for(error)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert "cannot reach its database" in page.content.decode()


def test_a_busy_session_gives_a_page_that_asks_to_try_again():
    page = page_for(TryAgain("busy", "Others were writing."))
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert "Others were writing." in page.content.decode()


def test_a_defect_is_left_to_django():
    assert page_for(ValueError("defect")) is None


def test_the_page_for_defects_needs_no_request():
    assert "Something went wrong on our side" in render_to_string("500.html")
