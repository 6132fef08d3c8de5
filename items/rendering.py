"""What an examinee may see of an item: sanitised HTML, and nothing that gives the key away."""

from collections.abc import Sequence
from typing import Any, TypedDict, cast

from items.html import render_inline, render_text
from items.kinds.kind import PublicText
from items.kinds.registry import kind_of
from items.models import ItemVersion, in_language

__all__ = ["PublicItem", "arrange", "public_content", "render_inline", "render_text"]


class PublicItem(TypedDict):
    """All that leaves the server about an item; its kind may add lists (`Kind.public_lists`)."""

    id: int
    kind: str
    stimulus: str | None
    stem: str
    options: list[PublicText]


def public_content(version: ItemVersion, language: str) -> PublicItem:
    """The item in one language, its options in the order that is stored.

    Prefetch `options` and select `stimulus` to save queries.
    """

    def write(text: dict[str, str]) -> str:
        return render_inline(in_language(text, language))

    stimulus = version.stimulus
    item: Any = {
        "id": version.pk,
        "kind": version.response_kind,
        "stimulus": None if stimulus is None else render_text(in_language(stimulus.body, language)),
        "stem": render_text(in_language(version.stem, language)),
        **kind_of(version.response_kind).public(version.options.all(), write),
    }
    return cast(PublicItem, item)


def arrange(item: PublicItem, shown: Sequence[int] | None) -> PublicItem:
    """The item with its options in the order `shown`, numbered by their places in it.

    shown: the position of each option, or None for the order that is stored, as
    `items.answers.shown_order` gives it. The numbers say nothing of the positions then, which would
    give the key away.
    """
    if shown is None:
        return item
    texts = {option["id"]: option["text"] for option in item["options"]}
    options = [PublicText(id=n, text=texts[place]) for n, place in enumerate(shown, start=1)]
    return {**item, "options": options}
