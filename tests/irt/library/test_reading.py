"""Responses in every form that a researcher has them in."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

import irt
from irt.responses import DenseResponses, SparseResponses
from tests.irt.library.studies import bank_of, responses_of

SCORES = np.array([[1.0, 0.0, np.nan], [0.0, 1.0, 2.0], [1.0, 1.0, 0.0], [np.nan, 0.0, 1.0]])
TRIPLES = [
    ("Ann", "q1", 1),
    ("Ann", "q2", 0),
    ("Bo", "q1", 0),
    ("Bo", "q2", 1),
    ("Bo", "q3", 2),
    ("Cy", "q1", 1),
    ("Cy", "q2", 1),
    ("Cy", "q3", 0),
    ("Di", "q2", 0),
    ("Di", "q3", 1),
]
ITEMS, PERSONS = ["q1", "q2", "q3"], ["Ann", "Bo", "Cy", "Di"]


def columns_of(names=ITEMS):
    return dict(zip(names, SCORES.T, strict=True))


def coded(code):
    return np.where(np.isnan(SCORES), code, SCORES)


def stored():
    row, column = np.nonzero(~np.isnan(SCORES))
    return row, column, SCORES[row, column]


def sparse_matrix(kind):
    row, column, score = stored()
    return kind((score, (row, column)), shape=SCORES.shape)


def long_columns():
    person, item, score = zip(*TRIPLES, strict=True)
    return {"person": person, "item": item, "score": score}


FORMS = {
    "array": lambda: irt.read_responses(SCORES, items=ITEMS, persons=PERSONS),
    "nested list": lambda: irt.read_responses(SCORES.tolist(), items=ITEMS, persons=PERSONS),
    "with None": lambda: irt.read_responses(
        [[1, 0, None], [0, 1, 2], [1, 1, 0], [None, 0, 1]], items=ITEMS, persons=PERSONS
    ),
    "masked": lambda: irt.read_responses(
        np.ma.masked_invalid(SCORES), items=ITEMS, persons=PERSONS
    ),
    "coded -1": lambda: irt.read_responses(
        coded(-1).astype(int), items=ITEMS, persons=PERSONS, missing=-1
    ),
    "csr": lambda: irt.read_responses(
        sparse_matrix(sparse.csr_array), items=ITEMS, persons=PERSONS
    ),
    "csc matrix": lambda: irt.read_responses(
        sparse_matrix(sparse.csc_matrix), items=ITEMS, persons=PERSONS
    ),
    "dict of columns": lambda: irt.read_responses(columns_of(), persons=PERSONS),
    "dict with a column of persons": lambda: irt.read_responses(
        {"id": PERSONS} | columns_of(), persons="id"
    ),
    "pandas, persons in the index": lambda: irt.read_responses(
        pd.DataFrame(columns_of(), index=PERSONS)
    ),
    "pandas, nullable integers": lambda: irt.read_responses(
        pd.DataFrame(columns_of(), index=PERSONS).astype("Int64")
    ),
    "pandas, persons in a column": lambda: irt.read_responses(
        pd.DataFrame({"id": PERSONS} | columns_of()), persons="id"
    ),
    "pandas, some columns": lambda: irt.read_responses(
        pd.DataFrame({"name": PERSONS} | columns_of()), items=ITEMS, persons="name"
    ),
    "polars": lambda: irt.read_responses(
        pl.DataFrame({"id": PERSONS} | columns_of(), nan_to_null=True), persons="id"
    ),
    "polars, integers": lambda: irt.read_responses(
        pl.DataFrame({"id": PERSONS} | columns_of(), nan_to_null=True).with_columns(
            pl.col(ITEMS).cast(pl.Int8)
        ),
        persons="id",
    ),
    "triples": lambda: irt.read_long(TRIPLES),
    "long dict": lambda: irt.read_long(long_columns()),
    "long pandas": lambda: irt.read_long(pd.DataFrame(long_columns())),
    "long polars, named otherwise": lambda: irt.read_long(
        pl.DataFrame(long_columns()).rename({"item": "question"}),
        columns=("person", "question", "score"),
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_responses_and_labels(form):
    table = FORMS[form]()
    np.testing.assert_array_equal(table.to_array(), SCORES)
    assert table.items == tuple(ITEMS)
    assert table.persons.tolist() == PERSONS
    assert table.responses.n_categories.tolist() == [2, 2, 3]


def test_labels_are_numbered_from_1_where_there_are_none():
    table = irt.read_responses(SCORES)
    assert table.items == ("item1", "item2", "item3")
    assert table.persons.tolist() == [1, 2, 3, 4]


def test_labels_of_persons_keep_their_type():
    table = irt.read_responses(pd.DataFrame(columns_of(), index=[10, 20, 30, 40]))
    assert table.to_columns()["person"].dtype.kind == "i"
    mixed = irt.read_long([(1, "q1", 0), ("x", "q1", 1)])
    assert mixed.persons.tolist() == [1, "x"]


def test_long_responses_take_their_order_from_stated_labels():
    table = irt.read_long(TRIPLES, items=["q3", "q1", "q2", "q4"], persons=[*PERSONS, "Eve"])
    assert table.items == ("q3", "q1", "q2", "q4")
    np.testing.assert_array_equal(table.to_array()[:4, :3], SCORES[:, [2, 0, 1]])
    assert np.isnan(table.to_array()[4]).all()


def test_few_responses_of_many_pairs_are_kept_sparse():
    many = irt.read_long([(person, person % 50, person % 2) for person in range(400)])
    assert isinstance(many.responses, SparseResponses)
    assert isinstance(irt.read_long(TRIPLES).responses, DenseResponses)


def test_sparse_and_dense_responses_are_cut_and_ordered_alike():
    dense = irt.read_responses(SCORES, items=ITEMS, persons=PERSONS)
    person, item, score = stored()
    thin = irt.ResponseTable(
        irt.sparse_responses(person, item, score.astype(int), n_persons=4, n_items=3),
        tuple(ITEMS),
        np.array(PERSONS),
    )
    for table in (dense, thin):
        chosen = table.select_items(["q3", "q1"])
        np.testing.assert_array_equal(chosen.to_array(), SCORES[:, [2, 0]])
        wide = table.among(("q2", "q9", "q1"), np.array([2, 4, 3]))
        assert np.isnan(wide.to_array()[:, 1]).all()
        assert wide.responses.n_categories.tolist() == [2, 4, 3]
        np.testing.assert_array_equal(table.n_answers, [2, 3, 3, 2])
        np.testing.assert_array_equal(table.sum_score, [1, 3, 2, 1])
        assert table.to_columns()["item"].tolist()[:3] == ["q1", "q2", "q1"]


def test_categories_are_stated_by_number_by_item_or_by_label():
    for stated in (4, [4, 4, 4], dict.fromkeys(ITEMS, 4)):
        table = irt.read_responses(SCORES, items=ITEMS, n_categories=stated)
        assert table.responses.n_categories.tolist() == [4, 4, 4]
    again = irt.read_responses(irt.read_responses(SCORES), n_categories=5)
    assert again.responses.n_categories.tolist() == [5, 5, 5]


def test_the_table_prints_what_a_first_look_asks_for():
    text = str(irt.read_responses(SCORES, items=ITEMS))
    assert "10 responses of 4 persons to 3 items, 16.7% missing" in text
    assert re.search(r"q3 +3 +1\.000 +1 +1 +1", text)


FAULTS = {
    "a half point": (
        lambda: irt.read_responses([[0, 1], [0.5, 1]], persons=["Ann", "Bo"]),
        "person Bo, item 'item1': 0.5 is not a score",
    ),
    "a negative score": (
        lambda: irt.read_responses([[0, -1]]),
        "person 1, item 'item2': -1 is not a score",
    ),
    "an infinite score": (lambda: irt.read_responses([[0, np.inf]]), "inf is not a score"),
    "text": (
        lambda: irt.read_responses(pd.DataFrame({"q1": [0, 1], "q2": ["0", "right"]})),
        "column 'q2', row 2: 'right' is not a number",
    ),
    "text in a list": (
        lambda: irt.read_responses([[0, "x"]]),
        "column 2, row 1: 'x' is not a number",
    ),
    "one dimension": (lambda: irt.read_responses([0, 1, 1]), "read_long"),
    "ragged rows": (lambda: irt.read_responses([[0, 1], [1]]), "differ in length"),
    "ragged columns": (
        lambda: irt.read_responses({"a": [0, 1], "b": [1]}),
        "the columns differ in length",
    ),
    "too few labels": (
        lambda: irt.read_responses(SCORES, items=["q1"]),
        "1 labels for 3 items",
    ),
    "too few persons": (
        lambda: irt.read_responses(SCORES, persons=["Ann"]),
        "1 labels for 4 persons",
    ),
    "a label twice": (
        lambda: irt.read_responses(SCORES, items=["q1", "q2", "q1"]),
        "two items are called 'q1'",
    ),
    "a column twice": (
        lambda: irt.read_responses(pd.DataFrame(SCORES, columns=["q1", "q2", "q1"])),
        "the column 'q1' occurs twice",
    ),
    "no such column": (
        lambda: irt.read_responses(columns_of(), persons="name"),
        "there is no column 'name'; there are q1, q2, q3",
    ),
    "a column name for an array": (
        lambda: irt.read_responses(SCORES, persons="id"),
        "names a column",
    ),
    "a score beyond the categories": (
        lambda: irt.read_responses(SCORES, items=ITEMS, n_categories=2),
        "item 'q3': a score of 2, but only 2 categories",
    ),
    "categories of some": (
        lambda: irt.read_responses(SCORES, items=ITEMS, n_categories={"q1": 2}),
        "says nothing about q2, q3",
    ),
    "sparse zeros lost": (
        lambda: irt.read_responses(sparse.csr_array(np.nan_to_num(SCORES))),
        "stores no zero",
    ),
    "labels for what has labels": (
        lambda: irt.read_responses(irt.read_responses(SCORES), items=ITEMS),
        "have been read",
    ),
    "two scores on an item": (
        lambda: irt.read_long([*TRIPLES, ("Bo", "q2", 0)]),
        "person Bo has two scores on item 'q2'",
    ),
    "a long half point": (
        lambda: irt.read_long([("Ann", "q1", 0.5)]),
        "person Ann, item 'q1': 0.5 is not a score",
    ),
    "four in a triple": (
        lambda: irt.read_long([("Ann", "q1", 1, 2)]),
        "row 1 has 4 entries",
    ),
    "an unlisted item": (
        lambda: irt.read_long(TRIPLES, items=["q1", "q2"]),
        "item 'q3' is not among those listed",
    ),
    "unequal columns": (
        lambda: irt.read_long({"person": [1], "item": ["a", "b"], "score": [1, 0]}),
        "equally long",
    ),
    "no table": (lambda: irt.read_long(3), "a frame, a dict of columns or a list of triples"),
    "an unknown item": (
        lambda: irt.read_responses(SCORES, items=ITEMS).select_items(["q7"]),
        "there are no responses to q7",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_where_it_stands(fault):
    make, sentence = FAULTS[fault]
    with pytest.raises(irt.InputError, match=re.escape(sentence)):
        make()


def test_a_missing_code_of_the_scores_is_missing_and_not_a_score():
    table = irt.read_responses([[0, 9], [1, 0]], missing=9)
    assert np.isnan(table.to_array()[0, 1])
    assert irt.read_long([("a", "x", 0), ("a", "y", 99)], missing=99).n_answers.tolist() == [1]


def test_all_forms_of_a_simulated_study_give_one_fit():
    data = responses_of(bank_of())
    frame = pd.DataFrame(data.to_array(), columns=list(data.items))
    fits = [
        irt.fit_model(form, "2pl")
        for form in (data, frame, pl.DataFrame(frame), irt.read_long(data.to_columns()))
    ]
    for fit in fits[1:]:
        np.testing.assert_array_equal(
            fit.calibration.parameters.discrimination,
            fits[0].calibration.parameters.discrimination,
        )
        assert fit.items == data.items
