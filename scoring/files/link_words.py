"""What holds the items of a calibration together, in the sentences of command, report and run."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from irt.common_scale.link_errors import Links
from irt.common_scale.linkage import Linkage

_MOST_NAMED, _MOST_BLOCKS = 6, 8


def blocks_told(linkage: Linkage, names: Sequence[str]) -> str:
    """That the items fall into blocks, and which."""
    told = [
        ngettext("%(items)s (%(number)d person)", "%(items)s (%(number)d persons)", block.n_persons)
        % {"items": listed([names[item] for item in block.items]), "number": block.n_persons}
        for block in linkage.blocks
    ]
    return _(
        "The responses fall into %(number)d blocks with neither a person nor an item in common: "
        "%(blocks)s. Nothing but the assumption that their persons are alike in ability puts them "
        "on one scale: calibrate each block by itself, or link them by common items, common "
        "persons or anchors."
    ) % {"number": len(told), "blocks": listed(told, _MOST_BLOCKS, "; ")}


def ties_as_data(links: Links, names: Sequence[str]) -> list[dict[str, Any]]:
    """Plain values, for files and evidence; the error is None where the tie tells nothing."""
    return [
        {
            "items": [names[item] for item in tie.items],
            "persons": len(tie.persons),
            "common_items": [names[item] for item in tie.common_items],
            "common_persons": len(tie.common_persons),
            "standard_error": error if math.isfinite(error) else None,
        }
        for tie, error in zip(links.linkage.ties, links.errors, strict=True)
    ]


def tie_told(tie: dict[str, Any]) -> str:
    """That a block hangs by a thread, of which kind, and the standard error of it."""
    told = {
        "items": listed(tie["items"]),
        "persons": tie["persons"],
        "common": listed(tie["common_items"]),
        "number": tie["common_persons"],
    }
    if tie["common_items"]:
        sentence = _(
            "A block of items with %(persons)d persons of its own, %(items)s, hangs on the others "
            "by %(common)s alone."
        )
    else:
        sentence = ngettext(
            "A block of items with %(persons)d persons of its own, %(items)s, hangs on the others "
            "by %(number)d person who answered both.",
            "A block of items with %(persons)d persons of its own, %(items)s, hangs on the others "
            "by %(number)d persons who answered both.",
            tie["common_persons"],
        )
    return f"{sentence % told} {_error_told(tie['standard_error'])}"


def doubts_of_links(links: Links, names: Sequence[str]) -> Iterator[str]:
    """A sentence each for blocks without a link and for blocks that hang by a thread."""
    if not links.linkage.is_linked:
        yield blocks_told(links.linkage, names)
    yield from map(tie_told, ties_as_data(links, names))


def listed(names: Sequence[str], most: int = _MOST_NAMED, separator: str = ", ") -> str:
    """The first few of many."""
    shown = separator.join(names[:most])
    more = len(names) - most
    return shown if more <= 0 else _("%(shown)s and %(more)d more") % {"shown": shown, "more": more}


def _error_told(error: float | None) -> str:
    if error is None:
        return _(
            "Their answers there are all of one kind, so that they tell nothing about where the "
            "block stands: take more common items or persons."
        )
    return _(
        "The standard error of this link is %(error)s on the scale of ability; with three common "
        "items or thirty common persons and more it would be firmer."
    ) % {"error": f"{error:.3f}"}
