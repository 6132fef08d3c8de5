"""What does it cost to begin? CPU seconds of whole processes: user and system, imports and all.

    python -m benchmarks.start_up [--beside ../another-checkout] [--repeats 5]

Another checkout is run with the same Python, in turn with this one: read the ratio. Goal of issue
9: a calibration of five items costs at most half of what it did before.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.data import dichotomous

HERE = Path(__file__).resolve().parent.parent
N_PERSONS, N_ITEMS, SEED = 1000, 5, 1
# What a web server and a Celery worker have imported before they serve or take anything.
WEB = "import irtcat_site.wsgi"
WORKER = "from irtcat_site.celery import app; app.loader.import_default_modules(); app.finalize()"


def commands(folder: Path) -> dict[str, list[str]]:
    """Arguments of Python, by what they are called here; files are read from and written to."""
    calibrate = ["manage.py", "calibrate_csv", str(folder / "responses.csv"), "--model=2pl"]
    return {
        "calibrate_csv": [*calibrate, f"--out={folder / 'items.csv'}"],
        "check": ["manage.py", "check"],
        "web": ["-c", WEB],
        "worker": ["-c", WORKER],
    }


def write_responses(path: Path) -> None:
    scores = dichotomous(N_PERSONS, N_ITEMS, SEED).scores
    header = ",".join(f"Q{number + 1}" for number in range(N_ITEMS))
    np.savetxt(path, scores, fmt="%d", delimiter=",", header=header, comments="")


def cpu_seconds(arguments: list[str], checkout: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(checkout)}
    subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beside", type=Path, help="a checkout to compare with")
    parser.add_argument("--repeats", type=int, default=5, help="the least of them counts")
    options = parser.parse_args()
    checkouts = [HERE, *([options.beside.resolve()] if options.beside else [])]
    with tempfile.TemporaryDirectory(prefix="irtcat-") as name:
        folder = Path(name)
        write_responses(folder / "responses.csv")
        for title, arguments in commands(folder).items():
            taken = [
                [cpu_seconds(arguments, checkout) for checkout in checkouts]
                for _ in range(options.repeats)
            ]
            ours, *theirs = (min(column) for column in zip(*taken, strict=True))
            ratio = f", {ours / theirs[0]:.2f} of {theirs[0]:.2f} s" if theirs else ""
            print(f"{title:<14} {ours:.2f} s of CPU{ratio}", flush=True)


if __name__ == "__main__":
    main()
