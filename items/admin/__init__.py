"""Django finds the admin here; each kind of page lives in its own module."""

from common.admin import audit
from items.admin import enemies, items, places, releases, stimuli

__all__ = ["audit", "enemies", "items", "places", "releases", "stimuli"]
