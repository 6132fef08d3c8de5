"""Django finds the admin here; each kind of page lives in its own module."""

from items.admin import audit, enemies, items, places, releases, stimuli

__all__ = ["audit", "enemies", "items", "places", "releases", "stimuli"]
