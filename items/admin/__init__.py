"""Django finds the admin here; each kind of page lives in its own module."""

from items.admin import audit, items, places, releases, stimuli

__all__ = ["audit", "items", "places", "releases", "stimuli"]
