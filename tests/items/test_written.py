"""What would not be shown is refused when it is written, with a sentence on how to write it."""

# ruff: noqa: RUF001 - quotation marks and dashes as people write them
import pytest

from items.written import look_of, writing_faults


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("\u200b", "It would show nothing."),
        ("\u3164 \u2800", "It would show nothing."),
        ("\u202e\ufeff", "It would show nothing."),
        ("``` ```", "It would show nothing."),
        (r"$\text{ }$", "It would show nothing."),
        (r"$\phantom{\frac{3}{4}}$", "It would show nothing."),
        (r"$\quad\,\hspace{1em}~$ $\vphantom x{}$", "It would show nothing."),
        ("Look: ![a map](map.png)", "The picture “![a map](map.png)” would not be shown."),
        ("![](map.png)", "The picture “![](map.png)” would not be shown."),
        ('Look: <IMG src="map.png" />', 'The picture “<IMG src="map.png" />” would not be shown.'),
        ("<img alt=map src=map.jpeg>", "The picture “<img alt=map src=map.jpeg>” would not"),
        ("x &lt; 7", "“&lt;” would be shown as one sign."),
        ("a&nbsp;b", "“&nbsp;” would be shown as one sign."),
        ("&#48;", "“&#48;” would be shown as one sign."),
        (r"Solve \(x+1\).", r"The formula “\(x+1\)” would not be set."),
        (r"Solve \[x^3 = 1\].", r"The formula “\[x^3 = 1\]” would not be set."),
        ("Solve $ x^3 $.", "The formula “$ x^3 $” would not be set."),
        (r"Solve $\sqrt 2 $ now.", r"The formula “$\sqrt 2 $” would not be set."),
        (r"$\frac{3}{4$", r"In the formula “\frac{3}{4” a brace"),
        ("$3}$", "In the formula “3}” a brace"),
        (r"$\left(3$", r"In the formula “\left(3” a brace"),
        (r"$\begin{cases} 3$", r"\begin and \end do not match."),
        (r"$\fraction{3}{4}$", r"there is no \fraction."),
        (r"$$\squareroot{3}$$", r"there is no \squareroot."),
        (r"$\href{https://example.org}{map}$", r"there is no \href."),
        (r"$\url{https://example.org}$", r"there is no \url."),
        (r"See $x + \includegraphics{map.png}$", r"there is no \includegraphics."),
        (r"$\htmlClass{big}{3}$", r"there is no \htmlClass."),
        ("$25% of 8$", "a % hides what follows it"),
        ("$B = {3, 5}$", "the braces would not be shown"),
        ("a\x0bb", "U+000B"),
        ("caf\ufffd", "U+FFFD"),
        ("\ud800", "U+D800"),
        ("| a | b |\n|--|--|\n| 1 | 2 | lost |", "“lost” would not be shown."),
        ("```and this is lost\nx\n```", "would not be shown"),
    ],
)
def test_what_would_be_lost_is_refused_everywhere(words, sentence):
    for in_options in (False, True):
        assert sentence in " ".join(writing_faults(words, in_options))


@pytest.mark.parametrize("words", ["<p>Six</p>", "2<sup>3</sup>", "one<br>two", "<b>x</b>"])
def test_html_is_refused_in_texts_and_shown_in_options(words):
    assert "is HTML, which would be shown as it is written" in " ".join(writing_faults(words))
    assert list(writing_faults(words, in_options=True)) == []


@pytest.mark.parametrize(
    "words",
    [
        *("> 5", "10.", "- 3", "# 1", "*", "?", "2*3*4", "__init__", "<b>", "`<br>`", "`&lt;`"),
        *("Pens at $5 and $6.", "US$5–US$7", "AT&T", "R&D;", "C:\\new", "a \\ b", "[a](b)", "a\tb"),
        *(r"$\frac{3}{4}$", r"$\text{넓이} = 3 \times 4$", r"$25\%$", r"$\{3, 5\}$", "$x_{1,2}$"),
        *(
            "$1{,}5$",
            r"$\left\{3\right.$",
            r"$\begin{cases} 3 \\ 4 \end{cases}$",
            r"$\lvert x\rvert$",
            *(r"$3\phantom{4}$", r"$\quad\mathrm{m}$", r"$\textdegree$", r"$\square$", r"$\$$"),
        ),
        "| a | b |\n|--|--|\n| 1 | 2 |",
        "1. pears\n2. plums\n\n- a\n- b",
        "```python\nx = 3\n```",
        "Run:\r\n\r\n```python\r\nx = 3\r\n```",
        r"\$5 for x^2 and \$6 for y",
        "물음표 ‘?’는 **무엇**을 뜻합니까?",
        "ما هو ناتج 2 + 3؟",
        "👩\u200d🎓 family",
    ],
)
def test_what_is_shown_is_not_refused(words):
    assert list(writing_faults(words)) == []
    assert list(writing_faults(words, in_options=True)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("caf\u00e9", "cafe\u0301"),
        ("a  b", "a b"),
        ("a\u200bb", "ab"),
        ("a b ", "\u00a0a\u00a0b"),
        ("`a\u00a0b`", "`a b`"),
        ("$5$", "5"),
        (r"\*", "*"),
        ("&lt;", "<"),
        ("가", "\u1100\u1161"),
    ],
)
def test_options_that_differ_in_nothing_visible_look_the_same(one, other):
    assert look_of(one) == look_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("__init__", "init"), ("> 5", "5"), ("1.", "1"), ("½", "1/2"), ("- 3", "+ 3"), ("a", "A")],
)
def test_options_that_differ_visibly_do_not(one, other):
    assert look_of(one) != look_of(other)
