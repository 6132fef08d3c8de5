"""What an author writes is shown: marks are marks only where they can hardly be anything else."""

# ruff: noqa: RUF001 - quotation marks and dashes as people write them
import re
from html import unescape

import pytest

from items.html import render_inline, render_text


def seen(html):
    return unescape(re.sub("<[^>]+>", "", html)).strip()


OPTIONS = [
    *("> 5", "< 5", ">= 5", "= 7", "~ 7", "- 4", "+ 4", "* 4", "-4", "4.", "7)", "10.", "1986."),
    *("2. Rome", "# 4", "## 4", "#4", "@ 4", "& 4", "% 4", "| 4 |", "a | b", "---", "***", "___"),
    *("____", "* * *", "===", "?", "!", "...", "—", "*", "**", "_", "`", "```", "~~~", "\\", "$"),
    *("$$", "$$$", "$$$$", "[]", "[ ]", "[x]", "[1]: one", "[^1]: note", "<>", "<b>", "</b>"),
    *("<br>", "<notatag>", "<script>x()</script>", "<https://example.org>", "a@example.org"),
    *("__init__", "_init_", "__all__ = []", "snake_case_name", "*args", "**kwargs", "*init*"),
    *("**all**", "2*3*4", "a*b*c", "x**2**3", "2*(3+4)*5", "(a)*2*(b)", "f(x)*g(x)", "2*x + 3*y"),
    *("[a](b)", "f[x](y)", "![a](b.png)", "C:\\new\\table", "\\\\server\\share", "a\\", "\\(x\\)"),
    *("$5", "US$5", "$5–$7", "US$5–US$7", "$10/$12", "5$", "5$-7$", "$5 or $6", "5$와 6$"),
    *("\\.", "\\d+\\.\\d", "a\\/b", "\\'", "\\[a-z\\]", "\\n", "\\", "US$x/US$y"),
    *("~5~", "x^2^", "==x==", "H~2~O", ":smile:", "1) a", "(1)", "① one", "> > x", "    x"),
]


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_is_shown_as_it_is_written(option):
    assert seen(render_inline(option)) == option.strip()


@pytest.mark.parametrize(
    "stem",
    [
        *(option for option in OPTIONS if option not in ("---", "*init*", "**all**")),
        "What is 6*7*8?",
        "____ is the capital of Peru.",
        "Fill the gap: ____",
        "Read the passage.[^2]\n\n[^2]: It is by Poe.",
        "See [1].\n\n[1]: /a/book",
        "Compute:\n- 3 + 5",
        "Compute:\n\n- 3 + 5",
        "The year?\n\n1492. Columbus sails.",
        "Pens at $5 and books at US$ 7, or $9–$12.",
        "It is $12,000 or 15,000$ in all; $5 per US$",
        "5\n===",
        "a\\\nb",
        "$$ means cheap, $$$ means dear",
        "$$\nnever closed",
        "```\nnever closed",
    ],
)
def test_a_stem_loses_nothing_either(stem):
    assert seen(render_text(stem)).split() == stem.split()


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("Which is **not** even?", "Which is <strong>not</strong> even?"),
        ("옳지 **않은** 것은?", "옳지 <strong>않은</strong> 것은?"),
        ("**가장 큰**수를 고르세요", "<strong>가장 큰</strong>수를 고르세요"),
        ("밑줄 친**“그것”**은", "밑줄 친<strong>“그것”</strong>은"),
        ("(*see* above), *so*.", "(<em>see</em> above), <em>so</em>."),
        ("a ***very*** b", "a <em><strong>very</strong></em> b"),
        ("**3** apples", "<strong>3</strong> apples"),
        ("`a*b*c`", "<code>a*b*c</code>"),
        (r"4 \* 5 and \$3", "4 * 5 and $3"),
        (r"10\. and 50\%", "10. and 50%"),
        (
            "2$x$ + $3$개",
            '2<span class="math inline">x</span> + <span class="math inline">3</span>개',
        ),
        (
            "$3 cm$ or $2 < x$",
            '<span class="math inline">3 cm</span> or <span class="math inline">2 &lt; x</span>',
        ),
    ],
)
def test_marks_that_are_meant_mark_up(markdown, html):
    assert render_text(markdown) == f"<p>{html}</p>"
    assert render_inline(markdown) == html


def test_lists_of_words_are_lists_in_stems_and_lines_in_options():
    assert (
        render_text("- pears\n- plums").replace("\n", "") == "<ul><li>pears</li><li>plums</li></ul>"
    )
    numbered = "<ol><li>pears</li><li>plums</li></ol>"
    assert render_text("1. pears\n2. plums").replace("\n", "") == numbered
    assert render_inline("1. pears\n2. plums") == "1. pears<br>\n2. plums"


@pytest.mark.parametrize(
    "lines", ["2. pears\n1. plums", "1. pears\n3. plums", "- 3\n- 4", "7) a\n8) b"]
)
def test_lists_whose_numbers_or_signs_mean_something_show_them(lines):
    assert seen(render_text(lines)) == lines


def test_nested_lists_and_what_follows_them():
    html = render_text("- fruit\n  - pears\n- nuts\n\nWhich is sweet?").replace("\n", "")
    assert html == (
        "<ul><li>fruit<ul><li>pears</li></ul></li><li>nuts</li></ul><p>Which is sweet?</p>"
    )


def test_lines_keep_their_indentation():
    nbsp = "&nbsp;"
    assert render_text("for x in y:\n    print(x)") == (
        f"<p>for x in y:<br>\n{nbsp * 4}print(x)</p>"
    )


def test_programs_stand_in_fences_in_options_too():
    program = "```python\nif a:\n    b()\n```"
    html = "<pre><code>if a:\n    b()\n</code></pre>"
    assert render_text(program) == html
    assert render_inline(program) == html


def test_a_number_beside_a_formula_is_shown():
    assert seen(render_text("$$x = 1$$ (4)")) == "x = 1 (4)"
