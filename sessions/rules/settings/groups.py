"""The settings of a test, in the groups and in the order in which people read them."""

from sessions.rules.settings.content import CONTENT
from sessions.rules.settings.declaration import Group, Setting, Text
from sessions.rules.settings.estimation import ABILITY
from sessions.rules.settings.exposure import EXPOSURE
from sessions.rules.settings.length import LENGTH
from sessions.rules.settings.pretest import PRETEST
from sessions.rules.settings.reporting import REPORTING
from sessions.rules.settings.selection import CHOICE
from sessions.rules.settings.timing import TIME

GROUPS: tuple[Group, ...] = (
    *(LENGTH, CHOICE, CONTENT, EXPOSURE, ABILITY, PRETEST, TIME, REPORTING),
)
SETTINGS: dict[str, Setting] = {
    setting.name: setting for group in GROUPS for setting in group.settings
}
# Constraint of TestVersion -> setting at which a page tells it, and sentence.
CONSTRAINTS: dict[str, tuple[str, Text]] = {
    rule.constraint: (setting.name, rule.sentence)
    for setting in SETTINGS.values()
    for rule in setting.rules
}
# Code of a fault of irt -> the same.
FAULTS: dict[str, tuple[str, Text]] = {
    code: (setting.name, sentence)
    for setting in SETTINGS.values()
    for code, sentence in setting.faults.items()
}
