"""Shared passages: write-once like item versions, so that a correction is the next number."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.errors import Conflict
from items.models import Bank, Stimulus


def create_stimulus(bank: Bank, code: str, body: dict[str, str], actor: Any) -> Stimulus:
    """The first version of a passage. Raises Conflict `code_taken`."""
    with transaction.atomic():
        Bank.objects.select_for_update(no_key=True).get(pk=bank.pk)
        if bank.stimuli.filter(code=code).exists():
            raise Conflict("code_taken", _("There is a stimulus called %s already.") % code)
        stimulus = Stimulus.objects.create(bank=bank, code=code, body=body)
        audit.record(actor, "create", stimulus)
        return stimulus


def revise_stimulus(stimulus: Stimulus, body: dict[str, str], actor: Any) -> Stimulus:
    """The next version of a passage; item versions keep the one that they were written with."""
    with transaction.atomic():
        Bank.objects.select_for_update(no_key=True).get(pk=stimulus.bank_id)
        versions = Stimulus.objects.filter(bank=stimulus.bank_id, code=stimulus.code)
        newest = versions.order_by("-number")[0]
        revised = Stimulus.objects.create(
            bank_id=stimulus.bank_id, code=stimulus.code, number=newest.number + 1, body=body
        )
        audit.record(actor, "revise", revised)
        return revised
