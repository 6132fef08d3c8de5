from html.parser import HTMLParser

import pytest

from items.content import Content, OptionContent
from items.models import ResponseKind, Stimulus
from items.rendering import public_content, render_inline, render_text
from tests.factories import choice_content, make_bank, make_item

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x]( java\tscript:alert(1))",
    "![x](javascript:alert(1))",
    '![x](x "onerror=alert(1)")',
    "<javascript:alert(1)>",
    "<https://example.org/>",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "$</span><script>alert(1)</script>$",
    "$$\n</div><script>alert(1)</script>\n$$",
    "a $$</span><img src=x onerror=alert(1)>$$ b",
    "`<script>alert(1)</script>`",
    '```"><script>alert(1)</script>\nx\n```',
    "~~~html onclick=alert(1)\n<script>\n~~~",
    "| <script>alert(1)</script> | b |\n|--|--|\n| <b onclick=x> | d |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<style>*{display:none}</style>",
    "<div style='position:fixed'>",
    "<math><mtext></p><img src=x onerror=alert(1)></mtext></math>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<!--><script>alert(1)</script>-->",
    "\\<script\\>alert(1)",
    "<scr\0ipt>alert(1)</scr\0ipt>",
]
TAGS = {
    *("p", "br", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "span", "div"),
    *("table", "thead", "tbody", "tr", "th", "td", "sub", "sup", "hr"),
}


@pytest.mark.parametrize("render", [render_text, render_inline])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_only_known_tags_with_math_classes_come_out(render, payload):
    found = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append((tag, attrs))

        def handle_comment(self, data):
            found.append(("comment", data))

    Tags().feed(render(payload))
    for tag, attributes in found:
        assert tag in TAGS
        assert [name for name, _value in attributes if name != "class"] == []
        assert all(value in ("math inline", "math block") for _name, value in attributes)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("Solve *this*.", "<p>Solve <em>this</em>.</p>"),
        ("$x_1 < y_2$", '<p><span class="math inline">x_1 &lt; y_2</span></p>'),
        ("$3$개", '<p><span class="math inline">3</span>개</p>'),
        ("$$\nx^2\n$$", '<div class="math block">\nx^2\n</div>'),
        ("a $$x^2$$ b", '<p>a <span class="math block">x^2</span> b</p>'),
        ("Pens cost $5 and $6.", "<p>Pens cost $5 and $6.</p>"),
        (r"\$5 is $5$", '<p>$5 is <span class="math inline">5</span></p>'),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
    ],
)
def test_markdown_with_tex_becomes_html(markdown, html):
    assert render_text(markdown) == html


def test_tables_come_out_as_tables():
    html = render_text("| x | y |\n|--|--|\n| 1 | 2 |")
    assert html.replace("\n", "") == (
        "<table><thead><tr><th>x</th><th>y</th></tr></thead>"
        "<tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    )


def test_one_line_needs_no_paragraph():
    assert render_inline("$x$ apples") == '<span class="math inline">x</span> apples'
    assert render_inline("one\n\ntwo") == "<p>one</p>\n<p>two</p>"


@pytest.mark.django_db
def test_the_public_item_says_this_and_nothing_else():
    bank = make_bank(languages=("en", "ko"))
    content = Content(
        area=bank.areas.get(),
        response_kind=ResponseKind.SINGLE_CHOICE,
        stem={"en": "Which?", "ko": "어느 것?"},
        options=(
            OptionContent({"en": "this", "ko": "이것"}, 1, "secret note"),
            OptionContent({"en": "that", "ko": "저것"}, 0, "secret note"),
        ),
        rationale={"en": "secret rationale"},
        stimulus=Stimulus.objects.create(bank=bank, code="secret-code", body={"en": "A tale."}),
    )
    version = make_item(bank, "secret-item", content)
    assert public_content(version, "ko") == {
        "id": version.pk,
        "kind": "single_choice",
        "stimulus": "<p>A tale.</p>",
        "stem": "<p>어느 것?</p>",
        "options": [{"id": 1, "text": "이것"}, {"id": 2, "text": "저것"}],
    }
    assert public_content(version, "fr")["stem"] == "<p>Which?</p>"


@pytest.mark.django_db
def test_an_item_without_a_passage_has_none():
    bank = make_bank()
    version = make_item(bank, "A", choice_content(bank))
    assert public_content(version, "en")["stimulus"] is None
