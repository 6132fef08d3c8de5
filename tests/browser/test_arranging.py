"""Items that are put in order or matched: mouse, finger, keys, screen reader, and plain HTML."""

import pytest
from playwright.sync_api import expect

from sessions.models import Response, Session
from tests.browser.steps import (
    LANGUAGES,
    SAVE,
    bank_with,
    be,
    begin,
    expect_position,
    expect_result,
)
from tests.factories import make_bank, matching_content, ordering_content
from tests.sessions.builders import make_student, make_test

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 375, "height": 720}, "has_touch": True, "is_mobile": True}


def begin_with(page, server, content_of):
    """The page with one such item, the only one of its test."""
    bank = make_bank(languages=LANGUAGES)
    bank_with(bank, [content_of(bank)])
    test = make_test(bank, min_items=1, max_items=1)
    be(page, make_student().user, server)
    begin(page, test)


def lines(page):
    return page.locator(".line .prose").all_inner_texts()


def save(page):
    return page.get_by_role("button", name=SAVE)


def put_in_order(page, moved):
    """Insertion by `moved(line, steps up)` until the lines are sorted.

    The order of a session is drawn, so they may be sorted when it begins; then they are so no more.
    """
    if lines(page) == sorted(lines(page)):
        moved(page.locator(".line").nth(3), 3)
    for place in range(4):
        at = lines(page).index(f"line {place + 1}")
        if at > place:
            moved(page.locator(".line").nth(at), at - place)


def drag(page, start, target, by=0):
    """Press the middle of one box, move to the middle of the other (`by` pixels off), let go."""
    boxes = [part.bounding_box() for part in (start, target)]
    places = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(places[1][0], places[1][1] + by, steps=8)
    page.mouse.up()


def test_lines_are_put_in_order_with_the_mouse(page, assert_accessible, live_server):
    begin_with(page, live_server, ordering_content)
    assert_accessible(page)
    expect(save(page)).to_be_disabled()
    put_in_order(
        page,
        lambda line, up: drag(
            page,
            line,
            page.locator(".line").nth(lines(page).index(line.locator(".prose").inner_text()) - up),
            by=-8,
        ),
    )
    assert lines(page) == ["line 1", "line 2", "line 3", "line 4"]
    assert_accessible(page)
    save(page).click()
    expect_result(page)
    response = Response.objects.get()
    assert (response.answer, response.score) == ({"order": [1, 2, 3, 4]}, 3)


def test_lines_are_put_in_order_with_the_keyboard_and_each_move_is_said(page, live_server):
    begin_with(page, live_server, ordering_content)

    def moved(line, up):
        name = line.locator(".prose").inner_text()
        line.get_by_role("button", name="Up").focus()
        for step in range(up):
            page.keyboard.press("ArrowUp" if step % 2 else "Enter")
        place = lines(page).index(name) + 1
        expect(page.locator("[data-said]")).to_have_text(f"Now at place {place} of 4: {name}")
        expect(page.locator(".line").nth(place - 1).locator("button:focus")).to_have_count(1)

    put_in_order(page, moved)
    assert lines(page) == ["line 1", "line 2", "line 3", "line 4"]
    assert Response.objects.count() == 0
    save(page).press("Enter")
    expect_result(page)
    assert Response.objects.get().score == 3


def test_a_finger_drags_a_line_by_its_grip(new_page, live_server):
    page = new_page(**PHONE)
    begin_with(page, live_server, ordering_content)
    before = lines(page)
    touch = page.context.new_cdp_session(page)
    start, end = (page.locator(".grip").nth(n).bounding_box() for n in (0, 2))
    x, y = start["x"] + 10, start["y"] + 20

    def send(kind, *points):
        touches = [{"x": x, "y": place} for place in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    send("touchStart", y)
    for step in range(1, 9):
        send("touchMove", y + (end["y"] - start["y"] + 10) * step / 8)
    send("touchEnd")
    first, second, third, fourth = before
    assert lines(page) == [second, third, first, fourth]
    expect(save(page)).to_be_enabled()
    assert page.evaluate("document.documentElement.scrollWidth") == 375


def test_the_order_that_is_shown_first_is_an_answer_only_when_the_student_says_so(
    page, live_server
):
    begin_with(page, live_server, ordering_content)
    shown = [int(text.removeprefix("line ")) for text in lines(page)]
    page.keyboard.press("Enter")
    expect(save(page)).to_be_disabled()
    page.get_by_role("button", name="The order is right as it stands").click()
    expect(save(page)).to_be_focused()
    save(page).click()
    expect_result(page)
    assert Response.objects.get().answer == {"order": shown}


def test_what_was_begun_survives_a_reload(page, live_server):
    begin_with(page, live_server, ordering_content)
    page.get_by_role("button", name="Down").first.click()
    moved = lines(page)
    page.reload()
    expect(save(page)).to_be_enabled()
    assert lines(page) == moved


def test_choices_are_matched_with_selects_and_half_of_it_survives_a_reload(
    page, assert_accessible, live_server
):
    begin_with(page, live_server, matching_content)
    assert_accessible(page)
    for term in (1, 2):
        choose(page, term)
    page.get_by_label("term 2").press("Enter")
    expect(save(page)).to_be_disabled()
    page.reload()
    expect(page.get_by_label("term 2")).to_have_value(value_of(page, "choice 2"))
    expect(save(page)).to_be_disabled()
    choose(page, 3)
    assert_accessible(page)
    save(page).click()
    expect_result(page)
    response = Response.objects.get()
    assert (response.answer, response.score) == ({"matches": [1, 2, 3]}, 3)


def value_of(page, choice):
    return page.locator(".piece", has_text=choice).get_attribute("data-piece")


def choose(page, term):
    page.get_by_label(f"term {term}").select_option(value_of(page, f"choice {term}"))


def test_a_choice_is_dragged_onto_a_term_or_tapped_before_it(page, live_server):
    begin_with(page, live_server, matching_content)
    piece, term = (page.locator(f".{name}") for name in ("piece", "term"))
    drag(page, piece.filter(has_text="choice 4"), term.filter(has_text="term 1"))
    expect(page.locator("[data-said]")).to_have_text("term 1: choice 4")
    drag(page, piece.filter(has_text="choice 1"), term.filter(has_text="term 1"))
    expect(page.locator(".ghost")).to_have_count(0)
    for n in (2, 3):
        piece.filter(has_text=f"choice {n}").click()
        term.filter(has_text=f"term {n}").locator(".prose").first.click()
    save(page).click()
    expect_result(page)
    assert Response.objects.get().answer == {"matches": [1, 2, 3]}


@pytest.mark.parametrize("content_of", [ordering_content, matching_content])
def test_both_kinds_work_without_javascript(new_page, live_server, content_of):
    page = new_page(java_script_enabled=False)
    begin_with(page, live_server, content_of)
    selects = page.locator("select")
    if content_of is ordering_content:
        for n, text in enumerate(lines(page)):
            selects.nth(n).select_option(text.removeprefix("line "))
    else:
        for n in (1, 2, 3):
            choose(page, n)
    save(page).click()
    expect_result(page)
    assert Response.objects.get().score == 3


def test_two_sessions_see_the_lines_in_orders_of_their_own(new_page, live_server):
    bank = make_bank(languages=LANGUAGES)
    bank_with(bank, [ordering_content(bank, options=8)])
    test = make_test(bank, min_items=1, max_items=1)
    seen = []
    for name in ("kim", "lee"):
        page = new_page()
        be(page, make_student(name).user, live_server)
        page.goto(f"/tests/{test.slug}/")
        page.get_by_role("button", name="Start the test").click()
        expect_position(page, 1)
        seen.append(lines(page))
        page.reload()
        assert lines(page) == seen[-1]
    assert seen[0] != seen[1]
    assert Session.objects.count() == 2
