"""Django finds the admin here; each kind of page lives in its own module."""

from sessions.admin import norms, people, sessions, simulations, tests, tickets

__all__ = ["norms", "people", "sessions", "simulations", "tests", "tickets"]
