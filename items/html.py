"""Written texts as sanitised HTML."""

import re
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from items.markdown import make_parser

IN_TEXTS = make_parser()
IN_OPTIONS = make_parser(in_options=True)

_TAGS = {
    *("p", "br", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "span", "div"),
    *("table", "thead", "tbody", "tr", "th", "td", "sub", "sup", "hr"),
}
_IN_STARS = re.compile(r"\*+[^*\n]+\*+")


@lru_cache(maxsize=20_000)
def render_text(markdown: str) -> SafeString:
    """Sanitised HTML of Markdown with tables; TeX stays in `.math` elements for the browser."""
    return _sanitised(IN_TEXTS, markdown)


@lru_cache(maxsize=20_000)
def render_inline(markdown: str) -> SafeString:
    """An option: no lists, no rules, no paragraph around a single line; stars around all of it
    are shown, because they emphasise nothing."""
    html = _sanitised(IN_OPTIONS, markdown)
    if html.count("<p>") == 1 and html.startswith("<p>") and html.endswith("</p>"):
        return mark_safe(html[3:-4])  # noqa: S308 - a part of sanitised HTML
    return html


def _sanitised(parser: MarkdownIt, markdown: str) -> SafeString:
    is_in_stars = parser is IN_OPTIONS and _IN_STARS.fullmatch(markdown.strip())
    html = nh3.clean(
        parser.render(markdown, {"no_emphasis": True} if is_in_stars else {}),
        tags=_TAGS,
        attributes={},
        allowed_classes={"span": {"math", "inline", "block"}, "div": {"math", "block"}},
        link_rel=None,
    )
    return mark_safe(html.strip())  # noqa: S308 - nh3 has just sanitised it
