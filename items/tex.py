r"""Formulas that KaTeX could not set, or would set without some of their signs."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from common.texts import is_blank

_PROTECTED = re.compile(r"\\[\\{}%$#&]")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_NAMES = re.compile(r'"\\\\([A-Za-z]+)"')
# `{1, 2}` as a set; not `x_{1,2}`, `\frac{1,5}{2}` or the comma of `1{,}5`.
_SET = re.compile(r"(?:^|[\s=(,∈])\{[^{}]*[^\s{},],\s*[^\s{},][^{}]*\}")
# Links, pictures and HTML, which KaTeX does not trust: it shows the command and drops its words.
_UNTRUSTED = frozenset(
    ("href", "url", "includegraphics", "htmlClass", "htmlData", "htmlId", "htmlStyle")
)
_PHANTOM = re.compile(r"\\[hv]?phantom\s*(?:\{[^{}]*\}|\\[A-Za-z]+|[^\s\\{}])")
_GROUP = re.compile(r"(?<!phantom)(?<!phantom )(?<!\\)\{([^{}]*)\}")
_LENGTH = re.compile(r"\\(?:hspace|hskip|mskip|mkern|kern)\*?\s*(?:\{[^{}]*\}|-?[\d.]+\s*[a-z]{2})")
_UNSEEN = re.compile(
    r"\\(?:q?quad|enspace|space|nobreakspace|(?:neg)?(?:thin|med|thick)space|(?:math)?strut|null"
    r"|(?:text|math)(?:rm|bf|it|sf|tt|normal|up|md)?|(?:display|text|script)style)(?![A-Za-z])"
    r"|\\[ ,:;!>\\]|[~^_&]"
)
_LONGEST_QUOTE = 60


def tex_faults(tex: str) -> Iterator[str]:
    """A sentence for each reason why a formula would not show as it is written."""
    bare = _PROTECTED.sub("", tex)
    names = _COMMAND.findall(bare)
    about = {"tex": quote(tex)}
    if not _is_balanced(bare) or names.count("left") != names.count("right"):
        sentence = _("In the formula “%(tex)s” a brace or \\left is not closed, or closed twice.")
        yield sentence % about
    elif names.count("begin") != names.count("end"):
        yield _("In the formula “%(tex)s” \\begin and \\end do not match.") % about
    known = tex_names()
    unknown = next((n for n in names if n in _UNTRUSTED or (known and n not in known)), None)
    if unknown:
        sentence = _("The formula “%(tex)s” cannot be set: there is no \\%(name)s.")
        yield sentence % {**about, "name": unknown}
    if "%" in bare:
        sentence = _(
            "In the formula “%(tex)s” a %% hides what follows it: write \\%% for the sign."
        )
        yield sentence % about
    if _SET.search(bare):
        sentence = _("In the formula “%(tex)s” the braces would not be shown: write \\{ and \\}.")
        yield sentence % about


def is_unseen(tex: str) -> bool:
    """Whether a formula consists of blanks and phantoms alone."""
    before, tex = "", _LENGTH.sub(" ", tex)
    while before != tex:
        before = tex
        tex = _GROUP.sub(r" \1 ", _PHANTOM.sub(" ", tex), count=1)
    return is_blank(_UNSEEN.sub("", tex))


def _is_balanced(tex: str) -> bool:
    depth = 0
    for letter in tex:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth < 0:
            return False
    return depth == 0


@cache
def tex_names() -> frozenset[str]:
    """The commands that our KaTeX knows; none where its file is not at hand."""
    path = Path(settings.BASE_DIR) / "static" / "vendor" / "katex" / "katex.min.js"
    if not path.is_file():
        return frozenset()
    return frozenset(_NAMES.findall(path.read_text("utf-8")))


def quote(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
