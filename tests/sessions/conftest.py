import pytest
from django.apps import apps

from common.roles import grant_roles
from sessions.delivery.plan import load_plan
from sessions.snapshot import load_pool, load_snapshot


@pytest.fixture(autouse=True)
def forget_releases():
    """What one test published is nothing to the next."""
    load_snapshot.cache_clear()
    load_pool.cache_clear()
    load_plan.cache_clear()


@pytest.fixture
def roles(db):
    """The role groups; a transactional test before this one may have truncated them."""
    grant_roles(apps)
