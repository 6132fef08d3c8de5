"""Kill -9 and lost replies, on a web server and a database of our own. benchmarks/kill9.py and
benchmarks/lost_replies.py are the long versions, on the whole demo."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from importlib.util import find_spec

import pytest

from benchmarks.faults.proxy import lossy_proxy
from benchmarks.faults.record import losses, read_database, unpromised
from benchmarks.faults.students import NoReply, read_log, send
from irtcat_site.embedded.binaries import PACKAGE
from irtcat_site.embedded.process import wait_until
from sessions.people.authentication import COOKIE
from tests.sessions.delivery.fault_site import SECONDS, FaultSite

N_STUDENTS, N_ITEMS = 4, 8
EVER = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def site():
    if find_spec(PACKAGE) is None:
        pytest.skip("there is no embedded PostgreSQL for this system to be killed")
    with pytest.MonkeyPatch.context() as monkeypatch:
        site = FaultSite(monkeypatch)
        try:
            site.start()
            yield site
        finally:
            site.stop()


class Entered:
    """A student in a new session, at its first item."""

    def __init__(self, site):
        self.site, student = site, site.student()
        self.session = student.enter()
        self.token = student.tokens[self.session]
        self.path = f"/sessions/{self.session}/responses"
        self.due(send(site.port, f"/sessions/{self.session}", self.token).json())

    def due(self, state):
        """Make the state's item the one to answer."""
        item = state["item"]
        self.body = {
            "position": state["position"],
            "item": item["id"],
            "answer": {"option": item["options"][0]["id"]},
        }

    def answer(self):
        return send(self.site.port, self.path, self.token, self.body)

    def status(self):
        """Of the answer; None when no reply comes."""
        try:
            return self.answer().status
        except NoReply:
            return None

    def stored(self):
        """The stored replies to the answer."""
        held = read_database(self.site.postgres.url, EVER)
        assert held.torn == []
        place = (self.session, self.body["position"])
        return [reply for where, reply in held.replies.items() if where == place]


def recovered(student):
    """The reply once the web server is back."""
    assert wait_until(lambda: student.status() == 200, SECONDS, 0.05)
    return student.answer()


def page_of(student):
    """Status and Retry-After of the test page."""
    connection = HTTPConnection("127.0.0.1", student.site.port, timeout=SECONDS)
    cookie = {"Cookie": f"{COOKIE}={student.token.removeprefix('Bearer ')}"}
    with closing(connection):
        connection.request("GET", f"/sessions/{student.session}/", headers=cookie)
        with connection.getresponse() as page:
            return page.status, page.headers["Retry-After"]


def promises(students):
    return [promise for student in students for promise in read_log(student.log)]


def compare(site, students, begun):
    """Whether the database holds what the students were promised, no more and no less."""
    promised, held = promises(students), read_database(site.postgres.url, begun)
    assert losses(promised, held) + unpromised(promised, held) == []
    assert len(promised) == len(students) * N_ITEMS


def kill_workers_in_mid_write(site, student):
    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(student.status)
        assert wait_until(site.held_backends, SECONDS)
        site.kill_workers()
        assert answering.result() is None


def test_a_worker_killed_in_mid_write_leaves_nothing_and_the_retry_succeeds(site):
    student = Entered(site)
    with site.writes_held():
        kill_workers_in_mid_write(site, student)
        site.terminate(site.held_backends())
        assert wait_until(lambda: not site.held_backends(), SECONDS)
    assert student.stored() == []
    reply = recovered(student)
    assert student.stored() == [reply.body]


def test_a_worker_killed_in_mid_write_leaves_all_and_the_retry_gets_the_stored_reply(site):
    """Nobody tells the database process that its client is dead: it goes on and commits."""
    student = Entered(site)
    with site.writes_held():
        kill_workers_in_mid_write(site, student)
        assert student.stored() == []
    assert wait_until(student.stored, SECONDS)
    (stored,) = student.stored()
    assert recovered(student).body == stored
    assert student.stored() == [stored]


@pytest.mark.parametrize("kill", [FaultSite.kill_workers, FaultSite.kill_backend])
def test_everybody_gets_to_the_end_while_processes_are_killed(site, kill):
    begun = datetime.now(UTC)
    students = [site.student() for _ in range(N_STUDENTS)]

    def has_promised(n_answers):
        return len(promises(students)) >= n_answers

    with ThreadPoolExecutor(N_STUDENTS) as pool:
        working = [pool.submit(student.take_test) for student in students]
        for n_answers in (3, 12, 20):
            assert wait_until(partial(has_promised, n_answers), SECONDS)
            kill(site)
        for student in working:
            student.result()
    compare(site, students, begun)


def test_a_lost_reply_comes_again_byte_for_byte(site):
    begun = datetime.now(UTC)
    with lossy_proxy(site.port, loss=0.5, seed=1) as proxy:
        student = site.student(port=proxy.port)
        student.take_test()
    compare(site, [student], begun)
    assert {len(set(said)) for said in proxy.repeated()} == {1}


def test_without_its_database_the_api_says_503_and_goes_on_when_it_is_back(site):
    student = Entered(site)
    first, first_body = student.answer(), student.body
    student.due(first.json())
    with site.database_killed():
        assert wait_until(lambda: student.status() == 503, SECONDS)
        refused = student.answer()
    assert (refused.retry_after, refused.content_type) == ("2", "application/json")
    assert refused.json() == {
        "code": "database_unavailable",
        "message": "The database is not answering. Nothing was lost: try again in a moment.",
        "detail": {},
    }
    second = student.answer()
    assert (second.status, student.stored()) == (200, [second.body])
    student.body = first_body
    assert (student.answer(), student.stored()) == (first, [first.body])


def test_without_its_database_the_page_of_the_test_says_503_too(site):
    student = Entered(site)
    assert page_of(student) == (200, None)
    with site.database_killed():
        refused = page_of(student)
    assert refused == (503, "2")
    assert page_of(student) == (200, None)
