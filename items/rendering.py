"""What an examinee may see of an item: sanitised HTML, and nothing that gives the key away."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypedDict

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

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


class PublicOption(TypedDict):
    id: int
    text: str


class PublicItem(TypedDict):
    """All that leaves the server about an item."""

    id: int
    kind: str
    stimulus: str | None
    stem: str
    options: list[PublicOption]


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
    """The item in one language. Prefetch `options` and select `stimulus` to save queries."""
    stimulus = version.stimulus
    return PublicItem(
        id=version.pk,
        kind=version.response_kind,
        stimulus=None if stimulus is None else render_text(in_language(stimulus.body, language)),
        stem=render_text(in_language(version.stem, language)),
        options=[
            PublicOption(id=option.position, text=render_inline(in_language(option.text, language)))
            for option in version.options.all()
        ],
    )
