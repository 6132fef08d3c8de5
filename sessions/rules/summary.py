"""A whole version in one line."""

from sessions.models import TestVersion
from sessions.rules.settings.groups import SETTINGS


def summary(version: TestVersion) -> str:
    """What a test holds, then how it chooses: length, stopping, content, exposure, the rest."""
    in_order = sorted(SETTINGS.values(), key=lambda setting: setting.is_said_late)
    return "; ".join(
        words for setting in in_order if setting.summarize for words in setting.summarize(version)
    )
