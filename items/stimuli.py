"""Shared passages: write-once like item versions, so that a correction is the next number."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.edits import Standing, Values, require_seen, told_by_audit
from common.errors import Conflict
from common.names import require_new_name
from items.models import Bank, Stimulus


def create_stimulus(bank: Bank, code: str, body: dict[str, str], actor: Any) -> Stimulus:
    """The first version of a passage. Raises Conflict `code_taken`, `looks_alike`."""
    with transaction.atomic():
        Bank.objects.select_for_update(no_key=True).get(pk=bank.pk)
        if bank.stimuli.filter(code=code).exists():
            raise Conflict("code_taken", _("There is a stimulus called %s already.") % code)
        require_new_name(code, bank.stimuli.values_list("code", flat=True))
        stimulus = Stimulus.objects.create(bank=bank, code=code, body=body)
        audit.record(actor, "create", stimulus)
        return stimulus


def shown_values(stimulus: Stimulus) -> Values:
    """What a page shows of a passage, by which a later version is known."""
    return {"number": stimulus.number}


def revise_stimulus(
    stimulus: Stimulus, body: dict[str, str], actor: Any, seen: str | None = None
) -> Stimulus:
    """The next version of a passage; item versions keep the one that they were written with.

    Raises ChangedMeanwhile where the newest version is not the one that was `seen`.
    """
    with transaction.atomic():
        Bank.objects.select_for_update(no_key=True).get(pk=stimulus.bank_id)
        versions = Stimulus.objects.filter(bank=stimulus.bank_id, code=stimulus.code)
        newest = versions.order_by("-number")[0]
        now = [Standing(_("body"), " / ".join(newest.body.values()))]
        require_seen(seen, shown_values(newest), lambda _names: told_by_audit(newest, now))
        revised = Stimulus.objects.create(
            bank_id=stimulus.bank_id, code=stimulus.code, number=newest.number + 1, body=body
        )
        audit.record(actor, "revise", revised)
        return revised
