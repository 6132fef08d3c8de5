import pytest

from tests.sessions.builders import make_bank, make_student, make_test


@pytest.fixture
def student():
    return make_student()


@pytest.fixture
def ticketed(student):
    return make_test(make_bank(), is_open=False)
