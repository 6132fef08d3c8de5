"""Draws the floors of docs/architecture.md from the source and fails when an arrow runs up."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "scoring.irt": 0,
    "items": 1,
    "sessions": 2,
    "scoring": 3,
    "insights": 4,
    "irtcat_site": 5,
}
FORBIDDEN_IN_IRT = {"django", "rest_framework", "celery", "logging", "structlog", "pathlib", "os"}


def floor_of(module: str) -> int | None:
    """The floor of a dotted module name; None for anything that is not ours."""
    for package in sorted(FLOORS, key=len, reverse=True):
        if module == package or module.startswith(package + "."):
            return FLOORS[package]
    return None


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
    for package in ("irtcat_site", "items", "sessions", "scoring"):
        for path in sorted((ROOT / package).rglob("*.py")):
            relative = path.relative_to(ROOT).with_suffix("")
            files.append((".".join(relative.parts), path))
    return files


def test_no_import_runs_up_the_floors():
    upward = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for name, path in source_files()
        for line, module in imports_of(path)
        if (target := floor_of(module)) is not None and target > (floor_of(name) or 0)
    ]
    assert upward == []


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
        if name.startswith("scoring.irt")
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
    assert floor_of(imported) == 3
    assert floor_of("items.models") == 1
    assert floor_of("scoring.irt.curves") == 0
