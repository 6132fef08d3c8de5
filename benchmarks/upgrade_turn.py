"""What a checkout does at its turn of `benchmarks.upgrade`: run in its folder, whatever its state.

It knows the API, commands, tables and `tests/` of a checkout, but no module that may have moved.
"""

import json
import os
import random
from argparse import ArgumentParser, Namespace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "irtcat_site.settings")
django.setup()

from django.apps import apps  # noqa: E402 - Django must be set up first
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import CommandError, call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

API = "/api/v1/sessions"
OMIT, EXPIRED = 0.15, 2
DEMO = ("mathematics-placement", "wellbeing")
Notes = dict[str, Any]


def build(arguments: Namespace) -> Notes:
    """Sessions of two tests, a third of them open, a third finished early, a third at their end."""
    call_command("migrate", verbosity=0)
    tests = load_demo() if arguments.demo else make_tests()
    rng = random.Random(arguments.sessions)
    notes: Notes = {"sessions": [], "faults": [], "known": newest_migrations()}
    for number in range(arguments.sessions):
        taken = start(f"examinee-{number}", tests[number % 2])
        kind = number // 2 % 3
        answer(taken, rng, None if kind == 0 else rng.randint(0, 5))
        if kind == 1:
            send(taken, "/finish", {})
        notes["sessions"].append(taken)
    expire([taken for taken in notes["sessions"] if is_open(taken)][:EXPIRED])
    compare(notes)
    return notes


def go_on(arguments: Namespace) -> Notes:
    """Repeat every answer, take a share of the open sessions to their ends, replay everything."""
    call_command("migrate", verbosity=0)
    notes: Notes = json.loads(arguments.notes.read_text())
    compare(notes)
    opened = [taken for taken in notes["sessions"] if is_open(taken)]
    rng = random.Random(len(opened))
    for taken in opened[: round(arguments.share * len(opened))]:
        answer(taken, rng)
    compare(notes)
    if arguments.and_back:
        newest = newest_migrations()
        for app, name in notes["known"].items():
            if newest[app] != name:
                call_command("migrate", app, name, verbosity=1)
    return notes


def tamper(arguments: Namespace) -> Notes:
    """Change one reply and one θ, behind the back of all triggers."""
    notes: Notes = json.loads(arguments.notes.read_text())
    one, other, *_rest = (taken["session"] for taken in notes["sessions"] if taken["told"])
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        change = "UPDATE cat_sessions_response SET reply = reply || ' ' WHERE position = 1"
        cursor.execute(f"{change} AND session_id = %s", [one])
        change = "UPDATE cat_sessions_session SET theta = theta + 1e-9"
        cursor.execute(f"{change} WHERE id = %s", [other])
    return notes


def make_tests() -> tuple[str, str]:
    """A test with nearly every rule that a session is pinned to, and one of graded answers."""
    from tests.factories import make_bank as make_small_bank
    from tests.factories import make_mixed_release
    from tests.sessions.builders import make_bank, make_test

    bank = make_bank(60, areas=("algebra", "geometry"), n_pretest=9, enemies=(20, 30))
    rules: dict[str, Any] = {
        "time_limit": 3600,
        "cap_rate": 0.6,
        "pretest_items": 2,
        "final_estimator": "wle",
        "blueprint": {"areas": [{"area": "algebra", "min": 3, "max": 8}, {"area": "geometry"}]},
        "stopping_rule": {"standard_error": {"at_most": 0.4}},
        "cut_scores": [0.0],
        "level_names": [{"en": "below"}, {"en": "above"}],
        "max_items": 15,
    }
    make_test(bank, slug="placement", **rules)
    graded = make_small_bank("graded", ("en", "ko"))
    make_mixed_release(graded)
    make_test(graded, slug="questionnaire", omit_policy="left_out")
    return "placement", "questionnaire"


def load_demo() -> tuple[str, str]:
    call_command("load_demo")
    return DEMO


def start(name: str, test: str) -> Notes:
    user = get_user_model().objects.create_user(name)
    examinees = apps.get_model("cat_sessions", "Examinee")._default_manager
    examinees.create(external_id=name, display_name=name, user=user)
    state = json.loads(post(client_of(name), API, {"test": test}))
    return {"session": state["session"], "examinee": name, "told": [], "report": None}


def answer(taken: Notes, rng: random.Random, most: int | None = None) -> None:
    """Answer so many items, all of them without a number; each reply is noted."""
    client = client_of(taken["examinee"])
    address = f"{API}/{taken['session']}"
    state = client.get(address).json()
    while state["status"] == "open" and most != 0:
        item = state["item"]
        given = choose(item, rng)
        body = {"position": state["position"], "item": item["id"], "answer": given}
        reply = post(client, f"{address}/responses", body)
        taken["told"].append([body, reply])
        state = json.loads(reply)
        most = None if most is None else most - 1


def choose(item: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    if item["may_omit"] and rng.random() < OMIT:
        return {"omit": True}
    if not item["options"]:
        return {"number": str(rng.randint(0, 9))}
    option = rng.choice(item["options"])["id"]
    return {"options": [option]} if item["kind"] == "multiple_response" else {"option": option}


def expire(sessions: list[Notes]) -> None:
    """The clock passes the deadlines of open sessions."""
    from sessions.tasks import expire_overdue_sessions

    chosen = [taken["session"] for taken in sessions]
    rows = apps.get_model("cat_sessions", "Session")._default_manager.filter(pk__in=chosen)
    rows.update(deadline=timezone.now() - timedelta(days=1))
    expire_overdue_sessions()


def compare(notes: Notes) -> None:
    """Note what has changed: replies to repeated answers, reports of ended sessions, replays."""
    faults, n_ended = notes["faults"], 0
    for taken in notes["sessions"]:
        client, address = client_of(taken["examinee"]), f"{API}/{taken['session']}"
        for body, reply in taken["told"]:
            if post(client, f"{address}/responses", body) != reply:
                faults.append(f"{address} #{body['position']}: the reply has changed")
        if not is_open(taken):
            n_ended += 1
            report = client.get(f"{address}/report").content.decode()
            if taken["report"] not in (None, report):
                faults.append(f"{address}: the report has changed")
            taken["report"] = report
        try:
            call_command("replay_session", taken["session"], stdout=StringIO())
        except CommandError as error:
            faults.append(f"{address}: {error}")
    n_answers = sum(len(taken["told"]) for taken in notes["sessions"])
    counts = f"{n_answers} answers repeated, {len(notes['sessions'])} sessions replayed"
    print(f"  {counts}, {n_ended} of them ended; {len(faults)} differences so far", flush=True)


def is_open(taken: Notes) -> bool:
    rows = apps.get_model("cat_sessions", "Session")._default_manager
    return bool(rows.filter(pk=taken["session"], status="open").exists())


def client_of(name: str) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(username=name))
    return client


def send(taken: Notes, path: str, body: Any) -> str:
    return post(client_of(taken["examinee"]), f"{API}/{taken['session']}{path}", body)


def post(client: Client, address: str, body: Any) -> str:
    reply = client.post(address, json.dumps(body), content_type="application/json")
    return str(reply.content.decode())


def newest_migrations() -> dict[str, str]:
    """Of each app that this state of the code knows."""
    return dict(MigrationLoader(connection).graph.leaf_nodes())


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("notes", type=Path)
    acts = parser.add_subparsers(required=True)
    building = acts.add_parser("build")
    building.add_argument("--sessions", type=int, required=True)
    building.add_argument("--demo", action="store_true")
    building.set_defaults(act=build)
    going_on = acts.add_parser("go-on")
    going_on.add_argument("--share", type=float, default=1.0)
    going_on.add_argument("--and-back", action="store_true")
    going_on.set_defaults(act=go_on)
    acts.add_parser("tamper").set_defaults(act=tamper)
    arguments = parser.parse_args()
    arguments.notes.write_text(json.dumps(arguments.act(arguments)))


if __name__ == "__main__":
    main()
