"""The wheel holds irt alone, and works where there is nothing but NumPy and SciPy."""

import email
import importlib.util
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.irt.library import tour

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "library.md"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built by the hook that `pip wheel` calls, from a copy, so that the checkout stays clean."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "irt", folder / "irt", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "common", folder / "common", ignore=shutil.ignore_patterns("*.pyc"))
    (folder / "docs").mkdir()
    for name in ("pyproject.toml", "LICENSE", "docs/library.md"):
        shutil.copy(ROOT / name, folder / name)
    build = "from setuptools import build_meta; print(build_meta.build_wheel('dist'))"
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (built,) = (folder / "dist").iterdir()
    return built


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory):
    """The Python of an environment that holds the wheel, NumPy and SciPy."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for library in ("numpy", "scipy"):
        [installed] = importlib.util.find_spec(library).submodule_search_locations
        home = Path(installed).parent
        for part in [home / library, home / f"{library}.libs", *home.glob(f"{library}-*")]:
            if part.exists():
                (site / part.name).symlink_to(part)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return folder / "bin" / "python"


def run(python, *arguments, cwd):
    return subprocess.run(
        [python, "-I", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_the_wheel_holds_irt_its_types_and_the_licence_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"irt", "irtcat-0.1.0.dist-info"}
    assert "irt/py.typed" in names
    assert "irtcat-0.1.0.dist-info/licenses/LICENSE" in names
    modules = {name for name in names if name.startswith("irt/")}
    source = {str(path.relative_to(ROOT)) for path in (ROOT / "irt").rglob("*.py")}
    assert modules == source | {"irt/py.typed"}


def test_the_wheel_asks_for_numpy_and_scipy_alone(wheel):
    with zipfile.ZipFile(wheel) as archive:
        metadata = email.message_from_bytes(archive.read("irtcat-0.1.0.dist-info/METADATA"))
    required = [line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line]
    assert [line.partition(">")[0] for line in required] == ["numpy", "scipy"]
    assert metadata["License-Expression"] == "MIT"
    assert "Ten minutes" in metadata.get_payload()


@pytest.mark.parametrize("library", ["django", "pandas", "polars", "tests", "common"])
def test_the_bare_environment_has_nothing_but_what_the_wheel_asks_for(bare, tmp_path, library):
    done = run(bare, "-c", f"import {library}", cwd=tmp_path)
    assert f"No module named '{library}'" in done.stderr


def test_the_tour_runs_in_the_bare_environment(bare, tmp_path):
    done = run(bare, "-W", "error", tour.__file__, str(PAGE), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    expected = [block for block in tour.blocks(PAGE.read_text("utf-8")) if not block.needs]
    assert done.stdout == f"{len(expected)} blocks\n"


def test_a_frame_is_refused_there_with_what_to_do(bare, tmp_path):
    code = "import irt; irt.item_bank('2pl', difficulty=[0.0]).to_frame()"
    done = run(bare, "-c", code, cwd=tmp_path)
    assert "pandas is not installed" in done.stderr
    assert "to_columns()" in done.stderr


TYPED = """
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import irt

bank = irt.item_bank("2pl", difficulty=[0.0, 1.0])
fit = irt.fit_model(bank.simulate([0.0, 1.0], seed=1), "2pl")
assert_type(fit, irt.Fit)
assert_type(fit.bank, irt.ItemBank)
assert_type(fit.score().theta, NDArray[np.float64])
assert_type(fit.item_fit().to_columns(), dict[str, NDArray[Any]])
assert_type(irt.link(fit, to=bank).slope, float)
assert_type(irt.simulate_adaptive_test(fit, [0.0], seed=1), irt.AdaptiveTest)
assert_type(irt.to_normal_metric(1.7), NDArray[np.float64])
irt.fit_modle  # type: ignore[attr-defined]
"""


def test_mypy_finds_complete_types_in_the_bare_environment(bare, tmp_path):
    (tmp_path / "study.py").write_text(TYPED)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", bare, "study.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "Success: no issues found in 1 source file\n", done.stdout + done.stderr


def test_importing_irt_loads_nothing_and_a_deep_module_only_what_it_needs(bare, tmp_path):
    code = "import irt, sys; print(sorted({name.split('.')[0] for name in sys.modules}))"
    assert "numpy" not in run(bare, "-c", code, cwd=tmp_path).stdout
    code = "import irt.models.curves, sys; print(*sys.modules)"
    loaded = run(bare, "-c", code, cwd=tmp_path).stdout.split()
    assert "irt.adaptive" not in loaded
    assert "irt.library" not in loaded
    assert "scipy.optimize" not in loaded
