"""What delivery does when something happens in the bank; `SessionsConfig.ready` connects it."""

from typing import Any

from django.dispatch import receiver

from items.models import BankRelease
from items.signals import release_published
from sessions.simulation.requests import simulate_open_tests


@receiver(release_published, dispatch_uid="simulate open tests")
def simulate_on_new_release(release: BankRelease, actor: Any, **_about: Any) -> None:
    """Open tests go on with the new release at once; their simulation on it is queued."""
    simulate_open_tests(release, actor)
