r"""Whether examinees would see all of a text that an author writes, and how to write it if not.

What is stored is never judged again: it shows as it does, and its next version is asked for.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape

from django.utils.translation import gettext as _
from markdown_it.token import Token

from common.texts import as_seen, is_blank
from items.html import IN_OPTIONS, IN_TEXTS, render_inline
from items.tex import is_unseen, quote, tex_faults

_PICTURE = re.compile(
    r"!\[[^\]\n]*\]\([^)\n]*\)"
    r"|<img\b[^>]*?\bsrc\s*=\s*(?:[\"']|[^\s>]+\.(?:png|jpe?g|gif|svg|webp|bmp)\b)[^>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"</(?:a|b|i|p|u|em|h[1-6]|li|ol|td|th|tr|ul|div|sub|sup|span|font|table|strong)>"
    r"|<(?:br|hr)\s*/?>",
    re.IGNORECASE,
)
_TEX_BRACKETS = re.compile(r"\\\(.+?\\\)|\\\[.+?\\\]", re.DOTALL)
_UNSET_FORMULA = re.compile(
    r"\$\s+[^$\n]*(?:\\[A-Za-z]|[\^_])[^$\n]*\$|\$[^$\n]*(?:\\[A-Za-z]|[\^_])[^$\n]*\s\$"
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ud800-\udfff]")
_MARKS = re.compile(r"[&!<\\$|`~]")
_STYLES = re.compile(r"[*`$\\&|<\n~]")
_FENCE = re.compile(r"^ *(```+|~~~+) *[-+#.\w]*$", re.MULTILINE)


def writing_faults(words: str, in_options: bool = False) -> Iterator[str]:
    """A sentence for each part of `words` that would be lost, and how to write it."""
    words = words.replace("\r\n", "\n")
    broken = _CONTROLS.search(words)
    if broken:
        sentence = _(
            "The character %s shows nothing: a letter was lost on its way here. Write it anew."
        )
        yield sentence % f"U+{ord(broken[0]):04X}"
        return
    if not _MARKS.search(words) and not is_blank(words):
        return  # most texts, and an import has many
    env: dict[str, list[str]] = {}
    tokens = list(_flat((IN_OPTIONS if in_options else IN_TEXTS).parse(words, env)))
    if is_blank(_shown([token for token in tokens if not _is_unseen_formula(token)])):
        yield _("It would show nothing. Write letters, digits or signs.")
        return
    literal = "\n".join(token.content for token in tokens if token.type == "text")
    yield from _entity_faults(env.get("entities", []))
    yield from _markup_faults(literal, in_options)
    yield from _unset_faults(literal, r"\$" in words)
    for token in tokens:
        if token.type.startswith("math_"):
            yield from tex_faults(token.content)
    if not env.get("entities"):
        yield from _lost_words(words, _shown(tokens))


def look_of(words: str) -> str:
    """Equal for options that look the same: TeX of plain text, blanks and spelling do not count."""
    if not _STYLES.search(words):
        return as_seen(words)
    html = re.sub(r'<span class="math[^>]*>(.*?)</span>', r"\1", render_inline(words))
    return as_seen(unescape(html))


def _flat(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or ())


def _is_unseen_formula(token: Token) -> bool:
    return token.type.startswith("math_") and is_unseen(token.content)


def _shown(tokens: Sequence[Token]) -> str:
    """All that is seen, with the numbers of lists."""
    seen = (
        token.info if token.type == "list_item_open" else token.content
        for token in tokens
        if token.type != "inline"
    )
    return " ".join(seen)


def _entity_faults(entities: Sequence[str]) -> Iterator[str]:
    if entities:
        sentence = _(
            "“%(entity)s” would be shown as one sign. Write that sign itself, or `%(entity)s` "
            "between backticks to show these letters."
        )
        yield sentence % {"entity": entities[0]}


def _markup_faults(literal: str, in_options: bool) -> Iterator[str]:
    picture = _PICTURE.search(literal)
    if picture:
        sentence = _(
            "The picture “%s” would not be shown. Describe it in words; to show these letters, set "
            "them between backticks."
        )
        yield sentence % quote(picture[0])
    tag = None if in_options or picture else _TAG.search(literal)
    if tag:
        sentence = _(
            "“%s” is HTML, which would be shown as it is written. Write Markdown, as in **bold**, "
            "and formulas between dollar signs; to show the tag itself, set it between backticks."
        )
        yield sentence % quote(tag[0])


def _unset_faults(literal: str, has_amounts: bool) -> Iterator[str]:
    """Formulas in brackets, or with a blank beside a dollar sign that is none of an amount."""
    formula = _TEX_BRACKETS.search(literal)
    if formula is None and not has_amounts:
        formula = _UNSET_FORMULA.search(literal)
    if formula:
        sentence = _(
            "The formula “%s” would not be set. Formulas stand between dollar signs without a "
            "blank inside of them, as in $x^2$; the sign of an amount is written \\$."
        )
        yield sentence % quote(formula[0])


def _lost_words(words: str, shown: str) -> Iterator[str]:
    """Whatever else the renderer drops, such as the cells of a table that its head lacks."""
    written = _letters(_FENCE.sub("", words))
    seen = _letters(shown)
    if written == seen:
        return
    sentence = _(
        "“%s” would not be shown. The rows of a table have as many cells as its head; what is no "
        "table or program is written in plain lines."
    )
    pairs = enumerate(zip(written, seen, strict=False))
    place = next((n for n, (there, here) in pairs if there != here), len(seen))
    yield sentence % quote(written[place:])


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
