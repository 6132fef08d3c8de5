"""The areas and stimuli that imported items stand in: looked up once, created together."""

import json

from django.utils.translation import gettext as _

from common.names import Known
from items.content import Text, text_faults
from items.exchange.rows import SLUG, StimulusText
from items.models import Bank, ContentArea, Stimulus


class Places:
    """What a bank has, and in `new_areas` and `new_stimuli` what an import would add to it."""

    def __init__(self, bank: Bank, create_areas: bool) -> None:
        self.bank = bank
        self.create_areas = create_areas
        self.new_areas: list[ContentArea] = []
        self.new_stimuli: list[Stimulus] = []
        self._areas = {area.code: area for area in bank.areas.all()}
        self._stimuli: dict[tuple[str, str], Stimulus] = {}
        self._newest: dict[str, Stimulus] = {}
        for stimulus in bank.stimuli.order_by("number"):
            self._remember(stimulus)
        self._area_codes, self._stimulus_codes = Known(self._areas), Known(self._newest)

    def area(self, code: str) -> tuple[ContentArea, str | None]:
        """(the area, unsaved where it is new or unknown; why it cannot be used)."""
        if code in self._areas:
            return self._areas[code], None
        name = dict.fromkeys(self.bank.languages, code)
        area = ContentArea(bank=self.bank, code=code, name=name)
        if not self.create_areas:
            known = ", ".join(sorted(self._areas))
            return area, _("There is no content area “%(code)s”; the bank has: %(known)s.") % {
                "code": code,
                "known": known,
            }
        if not SLUG.fullmatch(code):
            return area, _("An area's code has 1 to 50 letters, digits, hyphens and underscores.")
        fault = self._area_codes.fault(code)
        if fault:
            return area, fault
        self._areas[code] = area
        self.new_areas.append(area)
        return area, None

    def stimulus(self, text: StimulusText) -> tuple[Stimulus | None, str | None]:
        """(the passage with these very words, the next version of it where there is none; why
        there can be none)."""
        if not text.body:
            known = self._newest.get(text.code)
            return known, None if known else _("There is no stimulus “%s”.") % text.code
        known = self._stimuli.get(_key(text.code, text.body))
        if known:
            return known, None
        if not SLUG.fullmatch(text.code):
            return None, _("A stimulus's code has 1 to 50 letters, digits, hyphens, underscores.")
        faults = list(text_faults("stimulus", "stimulus", text.body, self.bank.languages))
        if faults:
            return None, " ".join(fault.reason for fault in faults)
        alike = self._stimulus_codes.fault(text.code)
        if alike:
            return None, alike
        newest = self._newest.get(text.code)
        number = newest.number + 1 if newest else 1
        stimulus = Stimulus(bank=self.bank, code=text.code, number=number, body=text.body)
        self._remember(stimulus)
        self.new_stimuli.append(stimulus)
        return stimulus, None

    def save(self) -> None:
        """Insert what is new, in two statements. Call it under the lock of `lock_bank`."""
        ContentArea.objects.bulk_create(self.new_areas)
        Stimulus.objects.bulk_create(self.new_stimuli)

    def _remember(self, stimulus: Stimulus) -> None:
        self._stimuli[_key(stimulus.code, stimulus.body)] = stimulus
        self._newest[stimulus.code] = stimulus


def _key(code: str, body: Text) -> tuple[str, str]:
    return code, json.dumps({name: words for name, words in body.items() if words}, sort_keys=True)
