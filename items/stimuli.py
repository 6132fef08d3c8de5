"""Shared passages: write-once like item versions, so that a correction is the next number."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.edits import Standing, Values, require_seen, told_by_audit
from common.errors import Conflict, InvalidInput
from common.names import require_new_name
from items.kinds.parts import Fault, text_faults
from items.models import Bank, Stimulus


def body_faults(bank: Bank | None, body: dict[str, str]) -> list[Fault]:
    """What of a passage would not be shown, and the languages that it lacks."""
    languages = list(dict.fromkeys([*(bank.languages if bank else ()), *body]))
    return list(text_faults("body", "body", body, languages))


def _require_shown(bank: Bank, body: dict[str, str]) -> None:
    faults = body_faults(bank, body)
    if faults:
        sentence = " ".join(f"{fault.column}: {fault.reason}" for fault in faults)
        fields = {fault.field: fault.reason for fault in faults}
        raise InvalidInput("invalid_content", sentence, fields=fields)


def create_stimulus(bank: Bank, code: str, body: dict[str, str], actor: Any) -> Stimulus:
    """The first version of a passage.

    Raises InvalidInput `invalid_content`, `invalid_name`, Conflict `code_taken`, `looks_alike`.
    """
    _require_shown(bank, body)
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

    Raises InvalidInput `invalid_content`, and ChangedMeanwhile where the newest version is not the
    one that was `seen`.
    """
    _require_shown(stimulus.bank, body)
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
