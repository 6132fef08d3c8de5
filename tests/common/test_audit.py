"""The audit trail reads as words, whichever floor an act comes from."""

import ast
from pathlib import Path

from common.audit import ACT_NAMES, AuditEntry

ROOT = Path(__file__).resolve().parents[2]
WRITERS = {"record": 1, "entry": 1, "_move": 4, "cancel": 2}


def recorded_acts():
    """The act of every call of a writer: its argument at the place that WRITERS names."""
    for package in ("items", "sessions", "scoring", "irtcat_site"):
        for path in (ROOT / package).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                if not isinstance(call, ast.Call):
                    continue
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                place = WRITERS.get(name)
                if place is None or len(call.args) <= place:
                    continue
                act = call.args[place]
                if isinstance(act, ast.Constant) and isinstance(act.value, str):
                    yield act.value


def test_every_act_that_is_recorded_has_a_name():
    assert set(recorded_acts()) == set(ACT_NAMES)


def test_an_act_reads_as_words():
    assert AuditEntry(act="edit_parameters").act_name == "edited parameters"
