import json
import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.core.management import CommandError, call_command
from django.test import Client
from drf_spectacular.validation import validate_schema

from tests.sessions.client import API


@pytest.fixture
def schema():
    return json.loads(Client().get("/api/schema?format=json").content)


def test_the_schema_is_valid_and_names_every_endpoint(schema):
    validate_schema(schema)
    delivery = {path for path in schema["paths"] if path.startswith(API)}
    session = f"{API}/sessions/{{session_id}}"
    assert delivery >= {
        f"{API}/tests",
        f"{API}/sessions",
        session,
        f"{session}/item",
        f"{session}/responses",
        f"{session}/finish",
        f"{session}/report",
        f"{API}/tickets",
        f"{API}/tickets/redeem",
    }


def test_the_schema_is_generated_without_a_warning(capsys):
    call_command("spectacular", "--validate", "--fail-on-warn")


def test_the_page_of_the_api_keeps_the_strict_policy():
    """No inline script or style, everything from our own address."""
    response = Client().get("/api/docs")
    html = response.content.decode()
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert re.findall(r"<style|style=|<script>|https?://", html) == []
    for address in re.findall(r'(?:src|href)="/static/([^"]+)"', html):
        assert finders.find(address), address
    script = Client().get("/api/docs?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")


@pytest.mark.django_db
def test_a_personal_token_is_made_by_command(capsys):
    get_user_model().objects.create_user("program")
    call_command("create_token", "program", "--days", "30")
    token = capsys.readouterr().out.strip()
    assert Client(headers={"Authorization": f"Token {token}"}).get(f"{API}/tests").json() == []


@pytest.mark.django_db
def test_the_command_refuses_unknown_users_and_impossible_lifetimes():
    with pytest.raises(CommandError, match="no user 'nobody'"):
        call_command("create_token", "nobody")
    get_user_model().objects.create_user("program")
    with pytest.raises(CommandError, match="at least 1"):
        call_command("create_token", "program", "--days", "0")
