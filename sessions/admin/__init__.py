"""Django finds the admin here; each kind of page lives in its own module."""

from sessions.admin import people, sessions, simulations, tests, tickets

__all__ = ["people", "sessions", "simulations", "tests", "tickets"]
