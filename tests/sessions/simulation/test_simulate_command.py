"""`manage.py simulate`: a report, its CSV files, and the row that opens the gate."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sessions.models import Simulation, Test, TestVersion
from sessions.simulation import execution
from tests.sessions.builders import make_bank

pytestmark = pytest.mark.django_db
FILES = {
    "report.html",
    "contents.csv",
    "summary.csv",
    "course.csv",
    "by_theta.csv",
    "exposure.csv",
    "stop_reasons.csv",
    "violations.csv",
}
SMALL = {"examinees": 500, "points": (-1.0, 0.0, 1.0)}


@pytest.fixture
def test() -> Test:
    test = Test.objects.create(slug="placement", bank=make_bank(), title={"en": "Placement"})
    TestVersion.objects.create(test=test, number=1, min_items=3, max_items=8, randomesque=3)
    return test


def run(**options) -> str:
    out = StringIO()
    call_command("simulate", stdout=out, **{"test": "placement", **SMALL, **options})
    return out.getvalue()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_report_its_tables_and_the_row_are_written(test, tmp_path):
    printed = run(out=tmp_path / "sim")

    assert {path.name for path in (tmp_path / "sim").iterdir()} == FILES
    assert "Ready to open: no violation in 650 simulated sessions of placement v1" in printed
    assert printed.endswith("sim/report.html and 7 CSV files written\n")
    kept = Simulation.objects.get()
    assert (kept.status, kept.violations, kept.test_version.number) == ("succeeded", 0, 1)
    assert Simulation.objects.passed().get() == kept


def test_the_csv_files_hold_what_the_row_holds(test, tmp_path):
    run(out=tmp_path)

    (policy,) = Simulation.objects.get().results["policies"]
    summary = {row["name"]: row["value"] for row in rows_of(tmp_path / "summary.csv")}
    assert summary["examinees"] == "500"
    assert float(summary["rmse"]) == policy["overall"]["rmse"]
    assert summary["seconds"] == ""
    by_theta = rows_of(tmp_path / "by_theta.csv")
    assert [float(row["theta"]) for row in by_theta] == [-1.0, 0.0, 1.0]
    assert [float(row["bias"]) for row in by_theta] == [p["bias"] for p in policy["by_theta"]]
    exposure = rows_of(tmp_path / "exposure.csv")
    assert [float(row["rate"]) for row in exposure] == [rate for *_item, rate in policy["rates"]]
    assert rows_of(tmp_path / "violations.csv") == []
    assert [row["sessions"] for row in rows_of(tmp_path / "stop_reasons.csv")] == ["500"]


def test_the_page_needs_nothing_beside_itself(test, tmp_path):
    run(out=tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg viewBox") >= 9
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_the_same_seed_writes_the_same_tables(test, tmp_path):
    for name in ("a", "b"):
        run(out=tmp_path / name, seed=5)
    for name in FILES - {"report.html"}:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_second_version_stands_beside_the_first(test, tmp_path):
    TestVersion.objects.create(test=test, number=2, min_items=3, max_items=4)

    run(out=tmp_path, compare=1)

    rows = {row["name"]: row for row in rows_of(tmp_path / "summary.csv")}
    assert (rows["length"]["value"], rows["length"]["compared_with"]) == ("4.0", "8.0")
    assert rows["length"]["difference"] == "-4.0"
    assert {row["version"] for row in rows_of(tmp_path / "by_theta.csv")} == {
        "placement v1",
        "placement v2",
    }


def test_an_older_version_is_simulated_when_it_is_named(test, tmp_path):
    TestVersion.objects.create(test=test, number=2, min_items=3, max_items=4)
    run(version=1)
    assert Simulation.objects.get().test_version.number == 1


def test_a_dry_run_keeps_nothing_and_writes_the_files(test, tmp_path):
    run(out=tmp_path / "sim", dry_run=True)
    assert (tmp_path / "sim" / "summary.csv").is_file()
    assert not Simulation.objects.exists()


def test_the_page_speaks_korean(test, tmp_path):
    run(out=tmp_path, language="ko")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<html lang="ko">' in page
    assert "시뮬레이션" in page


def test_violations_are_written_and_told_by_the_exit_status(test, tmp_path, monkeypatch):
    from sessions.delivery.plan import plan_of

    real = execution._batches

    def by_longer_tests(pool, policy, version, theta, seed):
        longer = TestVersion.objects.get(pk=version.pk)
        longer.max_items = 10
        return real(pool, plan_of(longer).policy, version, theta, seed)

    monkeypatch.setattr(execution, "_batches", by_longer_tests)
    with pytest.raises(CommandError, match="Not ready: the blueprint was violated 650 times") as no:
        run(out=tmp_path)
    assert no.value.returncode == 3
    (row,) = rows_of(tmp_path / "violations.csv")
    assert (row["constraint"], row["sessions"]) == ("longest", "650")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"test": "nowhere"}, "There is no test 'nowhere'."),
        ({"version": 9}, "placement has no version 9; there are: 1."),
        ({"compare": 9}, "placement has no version 9; there are: 1."),
        ({"points": (1.0,)}, "Name 2 to 41 points"),
        ({"theta_sd": 99.0}, "The population needs a mean"),
    ],
    ids=str,
)
def test_what_goes_wrong_is_said_in_one_sentence(test, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(**options)
    assert not Simulation.objects.exists()


def test_the_versions_there_are_stand_in_their_order(test):
    for number in (3, 2):
        newest = test.versions.get(number=1)
        newest.pk, newest.number = None, number
        newest.save(force_insert=True)
    with pytest.raises(CommandError, match=r"no version 9; there are: 1, 2, 3\."):
        run(version=9)


@pytest.mark.parametrize(
    "words",
    [["--examinees", "0"], ["--seed", "-1"], ["--points", "a,b"], ["--theta-sd", "0"]],
    ids=str,
)
def test_impossible_options_are_refused_at_once(test, words):
    with pytest.raises(CommandError):
        call_command("simulate", "--test", "placement", *words)


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(test, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CommandError, match="is a file; name a folder") as refused:
        run(out=tmp_path / "file")
    assert refused.value.returncode == 2
    assert not Simulation.objects.exists()


def test_ctrl_c_cancels_the_simulation_and_writes_no_file(test, tmp_path, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(execution, "_batches", interrupt)
    with pytest.raises(CommandError, match="interrupted; no file is half written") as stopped:
        run(out=tmp_path / "sim")
    assert stopped.value.returncode == 130
    assert Simulation.objects.get().status == "cancelled"
    assert not (tmp_path / "sim").exists()
