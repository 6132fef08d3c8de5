"""Draws the floors of docs/architecture.md from the source and fails when an arrow runs up."""

import ast
from collections.abc import Callable, Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The package and its floor, from the ground up. Packages of one floor may import each other only
# where no circle comes of it.
FLOORS = {
    "irt": 0,
    "common": 1,
    "items": 2,
    "sessions": 3,
    "scoring": 4,
    "insights": 4,
    "irtcat_site": 5,
    "demo": 5,
}
FORBIDDEN_IN_IRT = {"django", "rest_framework", "celery", "logging", "structlog", "pathlib", "os"}
# Their folders must not import one another in circles; a module beside them is a room of its own.
WITHOUT_CIRCLES = ("irt", "common", "items", "sessions", "scoring", "demo")

Arrow = tuple[str, str]


def floor_of(module: str) -> int | None:
    """The floor of a dotted module name; None for anything that is not ours."""
    return FLOORS.get(module.split(".")[0])


@cache
def imports_of(path: Path) -> list[tuple[int, str]]:
    """(line, module) of every import; a relative import shows as a leading dot."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return found


def source_files() -> list[tuple[str, Path]]:
    """(dotted module name, file) of every module that belongs to a floor."""
    files = []
    for package in FLOORS:
        for path in sorted((ROOT / package).rglob("*.py")):
            relative = path.relative_to(ROOT).with_suffix("")
            files.append((".".join(relative.parts), path))
    return files


def arrows(room_of: Callable[[str], str | None]) -> Iterable[Arrow]:
    """(room, room that it imports from) of all that is ours, migrations aside."""
    for name, path in source_files():
        for _, module in imports_of(path):
            here, there = room_of(name), room_of(module)
            if ".migrations." not in name and here and there and here != there:
                yield here, there


def circle_in(found: Iterable[Arrow]) -> list[str]:
    """The rooms of a circle, the first one again at its end; [] without any."""
    rooms: dict[str, set[str]] = {}
    for here, there in found:
        rooms.setdefault(here, set()).add(there)
    try:
        TopologicalSorter(rooms).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_import_runs_up_the_floors():
    upward = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for name, path in source_files()
        for line, module in imports_of(path)
        if (target := floor_of(module)) is not None and target > (floor_of(name) or 0)
    ]
    assert upward == []


def test_no_packages_import_one_another_in_a_circle():
    def package(module: str) -> str | None:
        return None if floor_of(module) is None else module.split(".")[0]

    assert circle_in(arrows(package)) == []


@pytest.mark.parametrize("package", WITHOUT_CIRCLES)
def test_the_rooms_of_a_package_are_in_no_circle(package):
    def room(module: str) -> str | None:
        head, *rest = module.split(".")
        # The package's own __init__ is its door, not a room: it may show what is in all of them.
        return rest[0] if head == package and rest and rest[0] != "__init__" else None

    assert circle_in(arrows(room)) == []


def test_the_models_of_the_bank_are_in_no_circle():
    def module_of(module: str) -> str | None:
        parts = module.split(".")
        is_one = parts[:2] == ["items", "models"] and len(parts) > 2 and parts[2].islower()
        return parts[2] if is_one and parts[2] != "__init__" else None

    assert circle_in(arrows(module_of)) == []


def test_every_import_is_absolute():
    relative = [
        f"{path.relative_to(ROOT)}:{line}"
        for _, path in source_files()
        for line, module in imports_of(path)
        if module.startswith(".")
    ]
    assert relative == []


def test_the_numerics_know_neither_django_nor_files_nor_logs():
    impure = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for name, path in source_files()
        if name.startswith("irt.")
        for line, module in imports_of(path)
        if module.split(".")[0] in FORBIDDEN_IN_IRT
    ]
    assert impure == []


def test_nothing_imports_tests_or_benchmarks():
    backward = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for _, path in source_files()
        for line, module in imports_of(path)
        if module.split(".")[0] in {"tests", "benchmarks"}
    ]
    assert backward == []


def test_the_test_itself_sees_an_arrow_that_runs_up(tmp_path):
    module = tmp_path / "models.py"
    module.write_text("from scoring.models import CalibrationRun\n")
    ((_, imported),) = imports_of(module)
    assert floor_of(imported) == 4
    assert floor_of("items.models") == 2
    assert floor_of("irt.models.curves") == 0
    assert floor_of("irtools") is None


def test_the_test_itself_sees_a_circle():
    assert circle_in([("a", "b"), ("b", "c")]) == []
    assert set(circle_in([("a", "b"), ("b", "c"), ("c", "a")])) == {"a", "b", "c"}
