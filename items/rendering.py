"""What an examinee may see of an item: sanitised HTML, and nothing that gives the key away."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypedDict, cast

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from items.kinds.kind import PublicText
from items.kinds.registry import kind_of
from items.models import ItemVersion, in_language

_MARKDOWN = (
    MarkdownIt("commonmark", {"html": False, "breaks": True})
    .enable("table")
    # No blank inside the dollars, so that "$5 and $6" are prices.
    .use(dollarmath_plugin, allow_space=False, allow_digits=True, double_inline=True)
)


def _render_double_inline(_self: Any, tokens: Sequence[Token], index: int, *_rest: Any) -> str:
    """`$$…$$` within a line: a span, because a div would end its paragraph."""
    return f'<span class="math block">{escapeHtml(tokens[index].content)}</span>'


_MARKDOWN.add_render_rule("math_inline_double", _render_double_inline)

_TAGS = {
    *("p", "br", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "span", "div"),
    *("table", "thead", "tbody", "tr", "th", "td", "sub", "sup", "hr"),
}


class PublicItem(TypedDict):
    """All that leaves the server about an item; its kind may add lists (`Kind.public_lists`)."""

    id: int
    kind: str
    stimulus: str | None
    stem: str
    options: list[PublicText]


@lru_cache(maxsize=20_000)
def render_text(markdown: str) -> SafeString:
    """Sanitised HTML of Markdown with tables; TeX stays in `.math` elements for the browser."""
    html = nh3.clean(
        _MARKDOWN.render(markdown),
        tags=_TAGS,
        attributes={},
        allowed_classes={"span": {"math", "inline", "block"}, "div": {"math", "block"}},
        link_rel=None,
    )
    return mark_safe(html.strip())  # noqa: S308 - nh3 has just sanitised it


def render_inline(markdown: str) -> SafeString:
    """Like `render_text`, without the paragraph around a single line."""
    html = render_text(markdown)
    if html.count("<p>") == 1 and html.startswith("<p>") and html.endswith("</p>"):
        return mark_safe(html[3:-4])  # noqa: S308 - a part of sanitised HTML
    return html


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
