"""Tokens of what was seen, and what they say about what stands."""

import pytest

from common.edits import ChangedMeanwhile, changed_names, require_seen, token_of


def test_a_token_is_the_same_for_the_same_values_in_any_order():
    assert token_of({"a": 1, "b": "x"}) == token_of({"b": "x", "a": 1})


@pytest.mark.parametrize(
    "values",
    [{"a": 2, "b": "x"}, {"a": 1, "b": "y"}, {"a": "1", "b": "x"}, {"a": None, "b": "x"}],
)
def test_a_token_tells_values_apart(values):
    assert token_of(values) != token_of({"a": 1, "b": "x"})


def test_the_names_that_changed_are_known_from_the_token_alone():
    seen = token_of({"name": "A", "note": "n", "items": [1, 2]})
    assert changed_names(seen, {"name": "A", "note": "m", "items": [1, 2, 3]}) == ["note", "items"]


@pytest.mark.parametrize("nonsense", ["", "x", "a=", ";;=;", "a=0;b"])
def test_a_token_that_is_none_fits_nothing(nonsense):
    with pytest.raises(ChangedMeanwhile):
        require_seen(nonsense, {"a": 1})


def test_whoever_was_shown_nothing_is_not_asked():
    require_seen(None, {"a": 1})


def test_one_of_several_tokens_is_enough():
    seen = ",".join([token_of({"a": 0}), token_of({"a": 1})])
    require_seen(seen, {"a": 1})
    with pytest.raises(ChangedMeanwhile, match=r"Somebody changed this meanwhile\. Nothing was"):
        require_seen(seen, {"a": 2})
