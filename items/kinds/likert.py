"""One category is chosen, and each scores differently: 0, 1, 2, … in any order."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from items.kinds.parts import Fault, Parts
from items.kinds.single_choice import OneOption
from items.models import ResponseKind


class Likert(OneOption):
    name = ResponseKind.LIKERT

    def key_faults(self, parts: Parts) -> Iterator[Fault]:
        scores = [option.score for option in parts.options]
        if sorted(scores) != list(range(len(scores))):
            reason = _("A Likert item scores each category once, from 0 to %s.") % (len(scores) - 1)
            yield Fault("options", "key", reason)
