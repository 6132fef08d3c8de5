"""The API as a client sees it."""

import json
from typing import Any

from django.test import Client

from tests.sessions.builders import key_of

API = "/api/v1"


def signed_in(user: Any, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def bearing(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


def post(client: Client, path: str, body: Any, **options: Any) -> Any:
    raw = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(API + path, raw, content_type="application/json", **options)


def start(client: Client, test: str = "placement", **fields: Any) -> Any:
    """The state of a started session."""
    response = post(client, "/sessions", {"test": test, **fields})
    assert response.status_code in (200, 201), response.content
    return response.json()


def answer_body(state: Any, option: int | None = None) -> dict[str, Any]:
    """An answer to the due item; by default the key."""
    item = state["item"]["id"]
    chosen = key_of(item) if option is None else option
    return {"position": state["position"], "item": item, "answer": {"option": chosen}}


def answer(client: Client, state: Any, option: int | None = None) -> Any:
    return post(client, f"/sessions/{state['session']}/responses", answer_body(state, option))
