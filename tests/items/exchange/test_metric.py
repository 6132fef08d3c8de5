"""Parameters for another D than 1, and of other programs, on their way into a bank."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from common.audit import AuditEntry
from common.errors import InvalidInput
from items.exchange.importing import import_items
from items.models import ReleasedItem
from items.releases import open_draft
from tests.factories import make_bank, make_item

pytestmark = pytest.mark.django_db

PARAMETERS = "code,model,a,b,c,se_a\nA1,3pl,1,0.5,0.2,0.1\n"


@pytest.fixture
def bank():
    bank = make_bank()
    make_item(bank, "A1")
    return bank


def run(bank, text, **options):
    return import_items(bank, text.encode(), actor=None, reason="old files", **options)


def in_draft(bank):
    (row,) = ReleasedItem.objects.filter(release=open_draft(bank, None))
    return row.model, row.discrimination, row.difficulty, row.lower_asymptote, row.discrimination_se


def test_discriminations_for_another_d_are_converted_with_their_errors(bank):
    run(bank, PARAMETERS, metric=1.7)
    assert in_draft(bank) == ("3pl", 1.7, [0.5], 0.2, pytest.approx(0.17))
    conversion = AuditEntry.objects.get(act="import_items").detail["conversion"]
    assert conversion == {"metric": "D = 1.7 to D = 1", "discrimination_times": 1.7}


def test_a_column_says_it_of_each_row(bank):
    text = "code,model,a,b,metric\nA1,2pl,2,0.5,1.7\n"
    with pytest.raises(InvalidInput, match="leave the metric out") as refused:
        run(bank, text, metric=1.7)
    assert refused.value.code == "metric_stated"
    run(bank, text)
    assert in_draft(bank)[:2] == ("2pl", 3.4)


def test_a_metric_that_is_not_positive_is_refused(bank):
    with pytest.raises(InvalidInput, match="row 2, column metric: The metric must be positive"):
        run(bank, "code,model,a,b,metric\nA1,2pl,2,0.5,0\n")


def command(path, bank, *options):
    out = StringIO()
    call_command("import_items", str(path), "--bank", bank.slug, *options, stdout=out)
    return out.getvalue()


def test_parameters_of_another_program_come_in_by_the_command(bank, tmp_path):
    path = tmp_path / "coef.csv"
    path.write_text('"","a1","d","g","u"\n"A1",1.25,-0.5,0.1,1\n')
    command(path, bank, "--format", "mirt")
    assert in_draft(bank) == ("3pl", 1.25, [0.4], 0.1, None)
    command(path, bank, "--format", "mirt", "--metric", "2")
    assert in_draft(bank)[1] == 2.5


def test_a_file_that_the_named_program_did_not_write_is_refused(bank, tmp_path):
    path = tmp_path / "items.csv"
    path.write_text(PARAMETERS)
    before = list(ReleasedItem.objects.values())
    with pytest.raises(CommandError, match="has not the columns that promis writes") as refused:
        command(path, bank, "--format", "promis")
    assert refused.value.returncode == 2
    assert list(ReleasedItem.objects.values()) == before
