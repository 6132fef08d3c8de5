"""The audit trail reads as words, whichever floor an act comes from."""

import ast
from pathlib import Path

from common.audit import ACT_NAMES, AuditEntry

ROOT = Path(__file__).resolve().parents[2]
WRITERS = {"record": 1, "entry": 1, "_move": 4}
# Names of what a class calls an act of its own.
CONSTANTS = {"CANCEL_ACT"}


def recorded_acts():
    """The act of every call of a writer, at the place that WRITERS names, and of each constant."""
    for package in ("common", "items", "sessions", "scoring", "irtcat_site", "demo"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                act = act_in(node)
                if isinstance(act, ast.Constant) and isinstance(act.value, str):
                    yield act.value


def act_in(node):
    """What stands where an act is named, None where none is."""
    if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") in CONSTANTS:
        return node.value
    if not isinstance(node, ast.Call):
        return None
    place = WRITERS.get(getattr(node.func, "attr", getattr(node.func, "id", "")))
    return None if place is None or len(node.args) <= place else node.args[place]


def test_every_act_that_is_recorded_has_a_name():
    assert set(recorded_acts()) == set(ACT_NAMES)


def test_an_act_reads_as_words():
    assert AuditEntry(act="edit_parameters").act_name == "edited parameters"
