"""The Markdown of the bank, in which nothing that an author writes gets lost in silence.

CommonMark drops much that people write without meaning a markup: `2*3*4` loses its stars, `10.`
becomes an empty list, `> 5` a quotation, `[1]: see` nothing at all. Here a sign marks up only where
it can hardly be meant otherwise, and shows as it is written everywhere else.
"""

# ruff: noqa: RUF001, RUF002 - quotation marks and dashes of every language are told apart here

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

InlineRule = Callable[[StateInline, bool], bool]
BlockRule = Callable[[StateBlock, int, int, bool], bool]

_NEVER = ("code", "reference", "heading", "lheading", "blockquote", "html_block")
_NEVER_INLINE = ("link", "image", "autolink", "html_inline")
# The one text of an option is no document: `- 3` and `10.` are what is chosen.
_NEVER_IN_OPTIONS = ("list", "hr")

_OPENS_AFTER = frozenset("([{\"'“‘«「『《〈【〔（—–-:;,.!?…·、。")
_CLOSES_BEFORE = frozenset(")]}\"'”’»」』》〉】〕）—–-:;,.!?…·、。，")
_ESCAPED = frozenset("*_$`|<>#+-&%{}~")
_NUMBERS_LINE = re.compile(r"(?:^|\n) *[0-9]{1,9}$")
_ITEM = re.compile(r" {0,3}(?:([-+*])|([0-9]{1,9})([.)]))(?:[ \t]+(.*))?$")
_PRICE = re.compile(r"[0-9]")
_CURRENCY = re.compile(r"(?:^|[^A-Za-z\\])(?:US|A|C|HK|NZ|S|NT|CA|AU)$")
_TEX_TEXT = re.compile(r"\\[A-Za-z]+(?:\{[^{}]*\})?")
_JOINS = frozenset(("and", "or", "to", "per", "each", "but"))
_WORD = re.compile(r"[^\W\d_]{2,}")


def make_parser(in_options: bool = False) -> MarkdownIt:
    parser = (
        MarkdownIt("commonmark", {"html": False, "breaks": True})
        .enable("table")
        # No blank inside the dollars, so that "$5 and $6" are prices.
        .use(dollarmath_plugin, allow_labels=False, allow_space=False, double_inline=True)
    )
    parser.disable([*_NEVER, *_NEVER_INLINE, *(_NEVER_IN_OPTIONS if in_options else ())])
    inline, block = parser.inline.ruler, parser.block.ruler
    inline.at("emphasis", _emphasis)
    inline.at("newline", _newline)
    inline.at("escape", _escapes(_rule(inline, "escape")))
    inline.at("entity", _entities(_rule(inline, "entity")))
    inline.at("math_inline", _formulas(_rule(inline, "math_inline")))
    if not in_options:
        block.at("list", _lists(_rule(block, "list")), {"alt": ["paragraph"]})
        block.at("hr", _dashes_alone(_rule(block, "hr")), {"alt": ["paragraph", "list"]})
    block.at(
        "fence", _closed(_rule(block, "fence"), ("```", "~~~")), {"alt": ["paragraph", "list"]}
    )
    block.at("math_block", _closed(_rule(block, "math_block"), ("$$",)))
    parser.add_render_rule("math_inline_double", _render_double_inline)
    return parser


def _rule(ruler: Any, name: str) -> Any:
    return next(rule.fn for rule in ruler.__rules__ if rule.name == name)


def _render_double_inline(_self: Any, tokens: Sequence[Token], index: int, *_rest: Any) -> str:
    """`$$…$$` within a line: a span, because a div would end its paragraph."""
    return f'<span class="math block">{escapeHtml(tokens[index].content)}</span>'


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Stars around words as prose has them, Korean ones too; `2*3*4`, `__init__` and `*p` stay."""
    start = state.pos
    if state.src[start] != "*" or silent:
        return False
    end = start
    while end < state.posMax and state.src[end] == "*":
        end += 1
    before = state.src[start - 1] if start else " "
    after = state.src[end] if end < state.posMax else " "
    is_alone = end - start == 1
    opens = not after.isspace() and _stands_free(before, _OPENS_AFTER)
    closes = not before.isspace() and _stands_free(after, _CLOSES_BEFORE)
    # A single star beside a digit or a bracket is a sign of multiplication.
    opens = opens and not (is_alone and (after.isdigit() or after in "(["))
    closes = closes and not (is_alone and before in ")]")
    if end - start > 3 or state.env.get("no_emphasis"):
        opens = closes = False
    for _star in range(end - start):
        state.push("text", "", 0).content = "*"
        place = len(state.tokens) - 1
        state.delimiters.append(
            Delimiter(marker=42, length=end - start, token=place, end=-1, open=opens, close=closes)
        )
    state.pos = end
    return True


def _stands_free(letter: str, signs: frozenset[str]) -> bool:
    """A markup may begin after, or end before, this letter; letters of Korean and Chinese too,
    where particles follow without a blank."""
    return letter.isspace() or letter in signs or unicodedata.category(letter) == "Lo"


def _newline(state: StateInline, silent: bool) -> bool:
    """Every line stays one, and keeps its indentation."""
    if state.src[state.pos] != "\n":
        return False
    end = state.pos + 1
    while end < state.posMax and state.src[end] in " \t":
        end += 1
    if not silent:
        state.pending = state.pending.rstrip(" ")
        state.push("softbreak", "br", 0)
        indent = state.src[state.pos + 1 : end].expandtabs(4)
        state.pending += "\u00a0" * len(indent)
    state.pos = end
    return True


def _escapes(escape: InlineRule) -> InlineRule:
    r"""A backslash protects a sign that could mark something up: `\*`, `\$`, the dot of `10\.`. Not
    `\(`, which TeX begins formulas with, nor `\\` of folders, nor `\.` and `\d` of patterns."""

    def rule(state: StateInline, silent: bool) -> bool:
        following = state.src[state.pos + 1 : state.pos + 2]
        numbers = following == "." and _NUMBERS_LINE.search(state.src[: state.pos])
        if not (numbers or (following and following in _ESCAPED)):
            return False
        return escape(state, silent)

    return rule


def _entities(entity: InlineRule) -> InlineRule:
    """`&lt;` shows as `<`, and is noted: an author may mean either."""

    def rule(state: StateInline, silent: bool) -> bool:
        start = state.pos
        if not entity(state, silent):
            return False
        if not silent:
            state.env.setdefault("entities", []).append(state.src[start : state.pos])
        return True

    return rule


def _formulas(formula: InlineRule) -> InlineRule:
    def rule(state: StateInline, silent: bool) -> bool:
        start = state.pos
        if state.src[start] != "$" or not formula(state, True):
            return False
        end, state.pos = state.pos, start
        return _is_formula(state.src, start, end) and formula(state, silent)

    return rule


def _is_formula(source: str, start: int, end: int) -> bool:
    """Not the signs of amounts: `US$5–US$7`, `$10/$12`, `5$와 6$`, `$$–$$$`."""
    before, after = source[start - 1 : start], source[end : end + 1]
    if "$" in (before, after):
        return False
    if source.startswith("$$", start):
        return any(letter.isalnum() or letter == "\\" for letter in source[start:end])
    content = source[start + 1 : end - 1]
    if after.isdigit():
        return False
    if before.isdigit():
        return bool(re.search(r"[A-Za-z\\]", content)) and not re.search(r"\s|[가-힣]", content)
    is_after_word = before.isascii() and before.isalpha()
    if not _PRICE.match(content):
        return not (is_after_word and _CURRENCY.search(content))
    words = _WORD.findall(_TEX_TEXT.sub(" ", content))
    is_prose = len(words) > 1 or any(w in _JOINS or "가" <= w[0] <= "힣" for w in words)
    return not (is_prose or is_after_word or _CURRENCY.search(content))


def _lists(make_list: BlockRule) -> BlockRule:
    """Lists of at least two lines, numbered from 1; `- 3` and `1986.` are no list."""

    def rule(state: StateBlock, first: int, last: int, silent: bool) -> bool:
        is_inside = state.listIndent >= 0
        is_one = is_inside or _is_list(_lines(state, first, last))
        return is_one and make_list(state, first, last, silent)

    return rule


def _lines(state: StateBlock, first: int, last: int) -> list[str]:
    return [
        state.src[state.bMarks[n] + state.blkIndent : state.eMarks[n]] for n in range(first, last)
    ]


def _is_list(lines: Sequence[str]) -> bool:
    """Of the lines up to the list's end, those that begin with its marker count."""
    start = _ITEM.match(lines[0])
    if start is None:
        return False
    numbers, texts = [], []
    for before, line in zip(["-", *lines], lines, strict=False):
        item = _ITEM.match(line)
        if item is None and not before.strip() and line[:1].strip():
            break  # a paragraph after the list
        if item is None:
            continue
        if item[1] != start[1] or item[3] != start[3]:
            return False
        numbers.append(item[2])
        texts.append((item[4] or "").strip())
    if len(texts) < 2 or not all(texts):
        return False
    if start[2]:
        return start[3] == "." and numbers == [str(n) for n in range(1, len(numbers) + 1)]
    return all(text[0].isalpha() or text[0] in "*`“「‘" for text in texts)


def _dashes_alone(rule_off: BlockRule) -> BlockRule:
    """`---` draws a line; `____` is a gap to fill in, and stars are stars."""

    def rule(state: StateBlock, first: int, last: int, silent: bool) -> bool:
        line = state.src[state.bMarks[first] : state.eMarks[first]].strip()
        return set(line) == {"-"} and rule_off(state, first, last, silent)

    return rule


def _closed(block: BlockRule, marks: tuple[str, ...]) -> BlockRule:
    """A block with an end: what never ends would swallow the rest of the text."""

    def rule(state: StateBlock, first: int, last: int, silent: bool) -> bool:
        lines = _lines(state, first, last)
        start = lines[0].strip()
        mark = next((mark for mark in marks if start.startswith(mark)), None)
        if mark is None:
            return False
        ends = any(line.strip().endswith(mark) for line in lines[1:])
        has_end = ends or (mark == "$$" and len(start) > 4 and start.endswith(mark))
        if mark == "$$" and has_end and not any(map(str.isalnum, "".join(lines))):
            return False
        return has_end and block(state, first, last, silent)

    return rule
