"""calibrate_csv names blocks that nothing links, and those that hang by a thread."""

import re

import pytest

from tests.irt.test_linkage import forms
from tests.scoring.files.test_calibrate_csv import calibrate, refused, write
from tests.scoring.report.test_scale import write as write_wide


def write_long(folder, scores):
    lines = ["person,item,response"]
    lines += [
        f"p{person},q{item},{score}"
        for person, row in enumerate(scores.tolist())
        for item, score in enumerate(row)
        if score >= 0
    ]
    return write(folder, "long.csv", "\n".join(lines) + "\n")


@pytest.mark.parametrize("write_scores", [write_wide, write_long], ids=["wide", "long"])
def test_blocks_without_anything_in_common_are_named(tmp_path, write_scores):
    source = write_scores(tmp_path, forms((range(4), 120), (range(4, 9), 150), (range(9, 12), 90)))
    options = ("--skip-unusable",) if write_scores is write_wide else ()
    _, summary, _, err = calibrate(tmp_path, source, *options, model="rasch")
    assert (
        "warning: The responses fall into 3 blocks with neither a person nor an item in common: "
        "q4, q5, q6, q7, q8 (150 persons); q0, q1, q2, q3 (120 persons); q9, q10, q11 (90 persons)."
    ) in err
    assert [block["persons"] for block in summary["blocks"]] == [150, 120, 90]
    assert summary["blocks"][2]["items"] == ["q9", "q10", "q11"]


def test_an_item_in_common_is_told_with_the_error_of_the_link(tmp_path):
    source = write_long(tmp_path, forms((range(10), 300), (range(9, 18), 250)))
    _, summary, _, err = calibrate(tmp_path, source)
    [tie] = summary["ties"]
    assert (tie["common_items"], tie["persons"], tie["common_persons"]) == (["q9"], 250, 0)
    assert "q10, q11, q12, q13, q14, q15 and 2 more, hangs on the others by q9 alone." in err
    told = float(re.search(r"standard error of this link is (\S+) on", err)[1])
    assert told == pytest.approx(tie["standard_error"], abs=5e-4)
    assert 0.05 < told < 0.4


def test_so_are_persons_in_common(tmp_path):
    source = write_long(tmp_path, forms((range(9), 300), (range(9, 18), 250), (range(18), 12)))
    _, summary, _, err = calibrate(tmp_path, source)
    assert summary["ties"][0]["common_persons"] == 12
    assert "hangs on the others by 12 persons who answered both." in err


def test_one_person_in_common_is_a_thread_and_a_single_answer_is_none(tmp_path):
    two = (range(9), 300), (range(9, 18), 250)
    *_, err = calibrate(tmp_path, write_long(tmp_path, forms(*two, (range(18), 1))))
    assert "by 1 person who answered both." in err
    *_, err = calibrate(tmp_path, write_long(tmp_path, forms(*two, ([3], 40), ([12], 40))))
    assert "fall into 2 blocks" in err


def test_answers_of_one_kind_tell_nothing_about_the_link(tmp_path):
    scores = forms((range(9), 300), (range(9, 18), 250), (range(18), 40))
    scores[550:, 9:] = 0
    _, summary, _, err = calibrate(tmp_path, write_long(tmp_path, scores))
    assert summary["ties"][0]["standard_error"] is None
    assert "they tell nothing about where the block stands" in err


def test_anchored_items_in_each_block_link_them(tmp_path):
    source = write_long(tmp_path, forms((range(9), 300), (range(9, 18), 250)))
    rows = "".join(f"q{item},2pl,1,{item / 9 - 1}\n" for item in (0, 1, 2, 9, 10, 11))
    anchors = write(tmp_path, "a.csv", "item,model,a,b\n" + rows)
    _, summary, _, err = calibrate(tmp_path, source, "--anchors", anchors)
    assert "blocks" not in summary
    assert "ties" not in summary
    assert err == ""


def test_an_item_that_nobody_answered_is_no_block(tmp_path):
    source = write_wide(tmp_path, forms((range(17), 200)))
    _, summary, _, err = calibrate(tmp_path, source, "--skip-unusable")
    assert err == "warning: left out: item q17 (line 1): no response\n"
    assert "blocks" not in summary


def test_groups_without_an_item_in_common_are_refused_as_before(tmp_path):
    source = write_long(tmp_path, forms((range(9), 60), (range(9, 18), 60)))
    rows = "".join(f"p{at},{'north' if at < 60 else 'south'}\n" for at in range(120))
    groups = write(tmp_path, "g.csv", "person,group\n" + rows)
    message = refused(tmp_path, source, "--groups", groups)
    assert "group south has no responses to items that tie its scale to group north" in message
