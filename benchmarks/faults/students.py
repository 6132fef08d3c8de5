"""Students who repeat every request until it is acknowledged, and log each acknowledged answer."""

import http.client
import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from demo.bank.guessing import guess

LOCALHOST = "127.0.0.1"
TIMEOUT_SECONDS = 30
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 300


class NoReply(Exception):
    """The connection was refused, reset or closed before a whole reply had come."""


class Complaint(Exception):
    """The server said what no fault excuses."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    content_type: str
    retry_after: str | None
    body: bytes

    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body)
        return value


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An answer that the server has promised to have: what was sent, and the reply (UTF-8)."""

    session: str
    position: int
    item: int
    answer: dict[str, Any]
    reply: str
    attempts: int
    at: float

    @property
    def written_at(self) -> float:
        """The server's time in the reply: the moment of writing, not of a repeated reply."""
        return datetime.fromisoformat(json.loads(self.reply)["server_time"]).timestamp()

    @property
    def request(self) -> dict[str, Any]:
        return {"position": self.position, "item": self.item, "answer": self.answer}


def send(port: int, path: str, authorization: str = "", body: Any = None) -> Reply:
    """One request to the API: GET, or POST where there is a body. Raises NoReply."""
    connection = http.client.HTTPConnection(LOCALHOST, port, timeout=TIMEOUT_SECONDS)
    headers = {"Connection": "close", "Content-Type": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    content = None if body is None else json.dumps(body).encode()
    try:
        connection.request("GET" if body is None else "POST", f"/api/v1{path}", content, headers)
        with connection.getresponse() as reply:
            if reply.length is None:
                raise NoReply("cut in the middle of its headers")  # to http.client that is an end
            kind, retry_after = reply.headers["Content-Type"], reply.headers["Retry-After"]
            return Reply(reply.status, kind, retry_after, reply.read())
    except (OSError, http.client.HTTPException) as error:
        raise NoReply(repr(error)) from error
    finally:
        connection.close()


class Student:
    """Takes one test after the other, each opened by a ticket; answers at random, but seeded."""

    def __init__(self, port: int, name: str, inviter: str, test: str, log: Path, seed: int) -> None:
        self.name = name
        self.tokens: dict[str, str] = {}
        self.log = log
        self._port = port
        self._inviter = inviter
        self._test = test
        self._random = random.Random(f"{seed} {name}")

    def take_tests(self, stop: Event) -> None:
        """Until told to stop; the test that is under way is finished. Raises Complaint."""
        while not stop.is_set():
            self.take_test()

    def take_test(self) -> None:
        session = self.enter()
        state = self._persist(f"/sessions/{session}", self.tokens[session])[0].json()
        while state["status"] == "open":
            state = self._answer(state)

    def enter(self) -> str:
        """The session that a new ticket opens. A ticket whose token got lost is replaced."""
        while True:
            wish = {"test": self._test, "examinee": self.name}
            ticket, _ = self._persist("/tickets", self._inviter, wish, expected=(201,))
            secret = {"secret": ticket.json()["secret"]}
            opened, _ = self._persist("/tickets/redeem", "", secret, expected=(200, 409))
            if opened.status == 200:
                session: str = opened.json()["session"]
                self.tokens[session] = f"Bearer {opened.json()['token']}"
                return session
            if opened.json()["code"] != "ticket_used":
                raise Complaint(f"{self.name}: {opened}")

    def _answer(self, state: dict[str, Any]) -> dict[str, Any]:
        session, position, item = state["session"], state["position"], state["item"]
        request = {"position": position, "item": item["id"], "answer": guess(item, self._random)}
        reply, attempts = self._persist(
            f"/sessions/{session}/responses", self.tokens[session], request
        )
        promise = Acknowledged(
            session, **request, reply=reply.body.decode(), attempts=attempts, at=time.time()
        )
        with self.log.open("a") as log:
            log.write(json.dumps(asdict(promise)) + "\n")
        return reply.json()

    def _persist(
        self, path: str, authorization: str, body: Any = None, expected: tuple[int, ...] = (200,)
    ) -> tuple[Reply, int]:
        """The first reply that decides, and how many attempts it took: only silence and 503 are
        reasons to repeat. Raises Complaint for anything unexpected."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        attempts = 0
        while time.monotonic() < give_up_at:
            attempts += 1
            try:
                reply = send(self._port, path, authorization, body)
            except NoReply:
                reply = None
            if reply and reply.status in expected:
                return reply, attempts
            if reply and reply.status != 503:
                raise Complaint(f"{self.name}: {path} {body}: {reply}")
            time.sleep(PAUSE_SECONDS * (0.5 + self._random.random()))
        raise Complaint(f"{self.name}: {path} was not decided within {PATIENCE_SECONDS} s")


def read_log(path: Path) -> Iterator[Acknowledged]:
    """What a student has logged so far; a line that is still being written waits for next time."""
    if not path.exists():
        return
    for line in path.read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            yield Acknowledged(**json.loads(line))
