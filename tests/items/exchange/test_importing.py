import io
import json

import numpy as np
import pytest

from common.audit import AuditEntry
from common.errors import InvalidInput
from irt.calibration.result import StandardErrors
from irt.models.parameters import ItemParameters, Model
from items.authoring import revise
from items.exchange.exporting import export_items
from items.exchange.importing import import_items
from items.item_parameters import Parameters, parameters_of
from items.models import ItemVersion, ReleasedItem, Role, Status
from items.release_rows import load_release
from items.releases import open_draft, publish, retire, withdraw
from scoring.files.parameter_files import write_parameters
from tests.factories import (
    EIGHT_MODELS,
    choice_content,
    likert_content,
    make_bank,
    make_item,
    make_mixed_release,
    make_release,
    make_user,
    numeric_content,
)

pytestmark = pytest.mark.django_db

CHOICE = """code,area,kind,stem_en,option_1_en,option_2_en,option_2_note,key,model,a,b,c
A1,algebra,single_choice,What is $1+1$?,2,3,adds one,1,3pl,1.2,-0.5,0.2
A2,algebra,single_choice,What is $2+1$?,2,3,,2,2pl,0.8,0.25,
"""


def run(bank, text, **options):
    options = {"actor": None, "reason": "first bank", **options}
    data = text if isinstance(text, bytes) else text.encode()
    return import_items(bank, data, **options)


def faults_of(bank, text, **options):
    """[(row, column)] of every fault, after checking that nothing was written."""
    before = (bank.items.count(), AuditEntry.objects.count(), ReleasedItem.objects.count())
    with pytest.raises(InvalidInput) as refused:
        run(bank, text, **options)
    assert (bank.items.count(), AuditEntry.objects.count(), ReleasedItem.objects.count()) == before
    assert refused.value.code == "invalid_rows"
    for fault in refused.value.detail["rows"]:
        assert f"row {fault['row']}, column {fault['column']}: {fault['reason']}" in (
            refused.value.message
        )
    return [(fault["row"], fault["column"]) for fault in refused.value.detail["rows"]]


def parameters_in_draft(bank):
    rows = open_draft(bank, None).released_items.select_related("item").order_by("item__code")
    return [
        (row.item.code, row.role, row.model, row.discrimination, row.difficulty, row.provenance)
        for row in rows
    ]


def test_new_rows_become_items_with_parameters_in_the_authoring_draft():
    bank = make_bank()
    author = make_user("author")
    report = run(bank, CHOICE, actor=author)
    assert [change[:2] for change in report.changes] == [("A1", "new"), ("A2", "new")]
    assert report.draft == open_draft(bank, None)
    assert bank.current_release is None
    version = bank.items.get(code="A1").newest_version
    assert (version.status, version.created_by) == (Status.PRETEST, author)
    assert [(o.text["en"], o.score, o.note) for o in version.options.all()] == [
        ("2", 1, ""),
        ("3", 0, "adds one"),
    ]
    assert parameters_in_draft(bank) == [
        ("A1", "operational", "3pl", 1.2, [-0.5], "import"),
        ("A2", "operational", "2pl", 0.8, [0.25], "import"),
    ]
    release = publish(report.draft, author, "go")
    assert load_release(release).parameters.lower_asymptote.tolist() == [0.2, 0.0]


def test_rows_without_parameters_become_drafts_that_need_review():
    bank = make_bank()
    report = run(
        bank, "code,area,kind,stem_en,rule_1_lower,rule_1_upper\nN1,algebra,numeric,Half?,0.5,\n"
    )
    version = bank.items.get().newest_version
    assert (version.status, report.draft) == (Status.DRAFT, None)
    assert [(r.lower, r.upper, r.score) for r in version.numeric_rules.all()] == [(0.5, 0.5, 1)]


def test_a_dry_run_tells_what_would_change_and_changes_nothing():
    bank = make_bank()
    run(bank, CHOICE)
    changed = CHOICE.replace("What is $1+1$?", "How much is $1+1$?").replace("0.25", "0.75")
    changed += "A3,algebra,single_choice,New?,yes,no,,1,,,,\n"
    entries = AuditEntry.objects.count()
    report = run(bank, changed, dry_run=True)
    assert [change[:2] for change in report.changes] == [
        ("A1", "revised"),
        ("A2", "parameters"),
        ("A3", "new"),
    ]
    assert report.changes[0][2] == (
        "new version, changed: stem | operational | 3pl a 1.2; b -0.5; c 0.2"
    )
    assert report.changes[1][2] == "2pl a 0.8; b 0.25 → 2pl a 0.8; b 0.75"
    assert report.draft is None
    assert bank.items.count() == 2
    assert AuditEntry.objects.count() == entries
    assert parameters_in_draft(bank)[1] == ("A2", "operational", "2pl", 0.8, [0.25], "import")


def test_changed_text_is_the_next_version_and_an_old_draft_gives_way():
    bank = make_bank()
    run(bank, CHOICE)
    publish(open_draft(bank, None), None, "go")
    item = bank.items.get(code="A1")
    revise(item, choice_content(bank), None, "somebody's draft")
    report = run(bank, CHOICE.replace("What is $1+1$?", "How much is $1+1$?"))
    assert (report.count("revised"), report.unchanged) == (1, 1)
    assert list(item.versions.order_by("number").values_list("number", "status")) == [
        (1, Status.OPERATIONAL),
        (2, Status.RETIRED),
        (3, Status.PRETEST),
    ]
    publish(report.draft, None, "better words")
    assert item.newest_version.status == Status.OPERATIONAL


def test_an_unchanged_file_changes_nothing():
    bank = make_bank()
    run(bank, CHOICE)
    report = run(bank, CHOICE)
    assert (report.changes, report.unchanged, report.draft) == ([], 2, None)


def test_parameters_alone_go_to_the_version_in_use_and_not_to_a_newer_draft():
    bank = make_bank()
    make_release(bank, (0.0,))
    item = bank.items.get()
    revise(item, choice_content(bank, "in preparation"), None, "draft")
    report = run(bank, "item,model,a,b,c,d,se_a,se_b\nI001,2pl,1.5,0.3,0.0,1.0,0.1,0.05\n")
    assert report.count("parameters") == 1
    row = report.draft.released_items.get()
    assert (row.item_version.number, row.discrimination, row.difficulty_se) == (1, 1.5, [0.05])
    assert item.newest_version.status == Status.DRAFT


def test_equal_parameters_without_standard_errors_keep_the_known_errors():
    bank = make_bank()
    make_release(bank, (0.0,))
    run(bank, "code,a,b,se_a\nI001,1.5,0.3,0.1\n")
    report = run(bank, "code,a,b\nI001,1.5,0.3\n")
    assert report.unchanged == 1


def test_an_edu_irt_file_is_converted_from_the_metric_1_7_and_says_so():
    bank = make_bank()
    for code in ("Q1", "Q2"):
        make_item(bank, code)
    run(bank, "Difficulty,Discrimination,Guessing\n-1.0,1.0,0.2\n0.5,2.0,0.0\n")
    assert parameters_in_draft(bank) == [
        ("Q1", "operational", "3pl", 1.7, [-1.0], "import"),
        ("Q2", "operational", "2pl", 3.4, [0.5], "import"),
    ]
    entry = AuditEntry.objects.get(act="import_items")
    assert entry.detail["conversion"] == {
        "metric": "D = 1.7 to D = 1",
        "discrimination_times": 1.7,
    }


def test_graded_edu_irt_columns_are_thresholds():
    bank = make_bank()
    make_item(bank, "Q1", likert_content(bank, categories=3))
    run(bank, "Difficulty1,Difficulty2,Discrimination\n-1,1,1\n")
    assert parameters_in_draft(bank) == [
        ("Q1", "operational", "grm", 1.7, [-1.0, 1.0], "import"),
    ]


def test_every_model_of_an_edu_irt_file_is_converted():
    bank = make_bank()
    for code in ("Q1", "Q2"):
        make_item(bank, code)
    for code in ("Q3", "Q4"):
        make_item(bank, code, likert_content(bank, categories=3))
    text = (
        "code,model,Discrimination,Difficulty,Difficulty1,Difficulty2\n"
        "Q1,rasch,1,-1,,\nQ2,1pl,1,0.5,,\nQ3,pcm,1,,1,-1\nQ4,gpcm,2,,1,-1\n"
    )
    run(bank, text)
    assert parameters_in_draft(bank) == [
        ("Q1", "operational", "rasch", 1.7, [-1.0], "import"),
        ("Q2", "operational", "1pl", 1.7, [0.5], "import"),
        ("Q3", "operational", "pcm", 1.7, [1.0, -1.0], "import"),
        ("Q4", "operational", "gpcm", 3.4, [1.0, -1.0], "import"),
    ]


def test_a_pretest_item_waits_for_calibration_by_the_model_that_a_file_gave_it():
    bank = make_bank()
    make_item(bank, "L1", likert_content(bank, categories=3))
    run(bank, "code,status,model,a,b1,b2\nL1,pretest,gpcm,1,0,0\n")
    assert parameters_in_draft(bank) == [("L1", "pretest", "gpcm", 1.0, [0.0, 0.0], "import")]
    released = publish(open_draft(bank, None), None, "go").released_items.get()
    assert (released.role, released.model) == ("pretest", "gpcm")


def test_the_file_of_calibrate_csv_is_an_import_of_all_eight_models():
    bank = make_bank()
    make_mixed_release(bank)
    steps = 3
    arrays = ItemParameters.from_rows(
        (Model(k.model), k.discrimination + 0.5, k.difficulty, k.lower_asymptote, k.upper_asymptote)
        for k in EIGHT_MODELS
    )
    unknown = np.full(len(EIGHT_MODELS), np.nan)
    errors = StandardErrors(unknown, np.full((len(EIGHT_MODELS), steps), 0.25), unknown, unknown)
    file = io.StringIO()
    write_parameters(file, [known.model for known in EIGHT_MODELS], arrays, errors)
    run(bank, file.getvalue())
    held = open_draft(bank, None).released_items.select_related("item")
    assert {row.item.code: parameters_of(row) for row in held} == {
        known.model: Parameters(
            known.model,
            known.discrimination + 0.5,
            known.difficulty,
            known.lower_asymptote,
            known.upper_asymptote,
            difficulty_se=(0.25,) * len(known.difficulty),
        )
        for known in EIGHT_MODELS
    }


def test_an_upper_asymptote_without_a_model_means_4pl():
    bank = make_bank()
    make_item(bank, "A1")
    run(bank, "code,a,b,c,d,se_d\nA1,1.5,0,0.2,0.95,0.02\n")
    row = bank.releases.get().released_items.get()
    assert (row.model, row.upper_asymptote, row.upper_asymptote_se) == ("4pl", 0.95, 0.02)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ("rasch,1,0,0.2,,", (2, "c")),
        ("3pl,1,0,0.2,0.95,", (2, "d")),
        ("3pl,1,0,0.2,,0.1", (2, "se_d")),
        ("4pl,1,0,0.95,0.95,", (2, "c")),
        ("4pl,1,0,0.2,0.95,-1", (2, "se_d")),
        ("4pl,1,0,0.2,one,", (2, "d")),
    ],
)
def test_a_parameter_that_the_model_of_the_row_lacks_is_named(cells, fault):
    bank = make_bank()
    make_item(bank, "A1")
    assert faults_of(bank, f"code,model,a,b,c,d,se_d\nA1,{cells}\n") == [fault]


def test_faults_of_an_edu_irt_file_carry_its_own_column_names():
    bank = make_bank()
    for code in ("Q1", "Q2", "Q3"):
        make_item(bank, code)
    text = "Difficulty,Discrimination,Guessing\nx,1,0\n0,-1,0\n0,1,1.5\n0,1,0\n"
    assert faults_of(bank, text) == [
        (2, "Difficulty"),
        (3, "Discrimination"),
        (4, "Guessing"),
        (5, "code"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("1.2,-0.5", "nan,-0.5", (2, "a")),
        ("1.2,-0.5", "1.2,inf", (2, "b")),
        ("1.2,-0.5", "0,-0.5", (2, "a")),
        ("1.2,-0.5", "-1,-0.5", (2, "a")),
        ("1.2,-0.5", ",-0.5", (2, "a")),
        ("1.2,-0.5", "1.2,", (2, "b")),
        ("1.2,-0.5", "fast,-0.5", (2, "a")),
        ("-0.5,0.2", "-0.5,1.0", (2, "c")),
        ("-0.5,0.2", "-0.5,-0.1", (2, "c")),
        (",3pl,", ",2pl,", (2, "c")),
        (",3pl,", ",5pl,", (2, "model")),
        (",3pl,", ",grm,", (2, "c")),
        ("A2,algebra", "A2,geometry", (3, "area")),
        ("A2,algebra", "A2,", (3, "area")),
        ("A2,algebra", "A1,algebra", (3, "code")),
        ("A2,algebra", ",algebra", (3, "code")),
        ("A2,algebra", f"{'A' * 65},algebra", (3, "code")),
        ("A1,algebra,single_choice", "A1,algebra,essay", (2, "kind")),
        ("What is $1+1$?", " ", (2, "stem_en")),
        (",2,3,,2,", ",2,2,,2,", (3, "option_2_en")),
        (",2,3,,2,", ",2,,,2,", (3, "key")),
        (",2,3,,2,", ",2,3,,1 2,", (3, "key")),
        (",2,3,,2,", ",2,3,,,", (3, "key")),
        (",2,3,,2,", ",2,3,,3,", (3, "key")),
        (",2,3,,2,", ",,3,,2,", (3, "option_1")),
        ("A2,algebra,single_choice,", "A2,algebra,", (3, "c")),
    ],
)
def test_one_bad_row_changes_nothing_and_is_named(old, new, fault):
    bank = make_bank()
    assert old in CHOICE
    assert fault in faults_of(bank, CHOICE.replace(old, new, 1))


def test_a_row_that_is_too_long_or_too_short_is_named():
    bank = make_bank()
    assert faults_of(bank, "code,a,b\nA1,1\nA2,1,0,3\n") == [(2, "b"), (3, "b")]


def test_every_bad_row_is_named_at_once():
    bank = make_bank()
    text = CHOICE.replace("1.2,-0.5", "nan,-0.5").replace("0.8,0.25", "0,0.25")
    assert faults_of(bank, text) == [(2, "a"), (3, "a")]


def test_a_missing_or_an_unknown_language_is_named():
    bank = make_bank(languages=("en", "ko"))
    columns = {column for _row, column in faults_of(bank, CHOICE)}
    assert {"stem_ko", "option_1_ko", "option_2_ko"} <= columns
    other = make_bank("english")
    with_french = CHOICE.replace("stem_en,", "stem_fr,").replace("stem_en", "stem_fr")
    assert (2, "stem_fr") in faults_of(other, with_french)


def test_graded_rows_need_ordered_thresholds_one_a_step():
    bank = make_bank()
    head = (
        "code,area,kind,stem_en,option_1_en,option_1_score,option_2_en,option_2_score,"
        "option_3_en,option_3_score,a,b1,b2\n"
    )
    good = "L1,algebra,likert,I slept well,no,0,some,1,yes,2,1.0,-1.0,1.0\n"
    assert faults_of(bank, head + good.replace("-1.0,1.0\n", "1.0,-1.0\n")) == [(2, "b2")]
    assert faults_of(bank, head + good.replace("-1.0,1.0\n", "1.0,\n")) == [(2, "b2")]
    assert faults_of(bank, head + good.replace("-1.0,1.0\n", ",1.0\n")) == [(2, "b2")]
    assert faults_of(bank, head + good.replace("yes,2", "yes,1")) == [(2, "key")]
    run(bank, head + good)
    assert parameters_in_draft(bank) == [("L1", "operational", "grm", 1.0, [-1.0, 1.0], "import")]


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("area,kind,stem_en", (1, "code")),
        ("code,stem_en", (1, "area")),
        ("code,stem_en,area,kind,colour", (1, "colour")),
        ("code,a,a,b", (1, "a")),
    ],
)
def test_a_header_that_cannot_be_used_is_named(header, fault):
    bank = make_bank()
    assert fault in faults_of(bank, header + "\n")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable_file"),
        (b"code,a,b\n\xff\xfe", "unreadable_file"),
        (b'code,a,b\n"open,1,2', "unreadable_file"),
        (b"code,a,b\nA\x001,1,2", "unreadable_file"),
        (b'{"items": ', "unreadable_file"),
        (b'{"item": []}', "unreadable_file"),
        (b"[" * 100_000, "unreadable_file"),
        (b"code,a,b\n" + b"A,1,0\n" * 10_001, "file_too_large"),
        (b"x" * (20 * 1024 * 1024 + 1), "file_too_large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_code(data, code):
    bank = make_bank()
    file_format = "json" if data.startswith((b"{", b"[")) else "csv"
    with pytest.raises(InvalidInput) as refused:
        run(bank, data, file_format=file_format)
    assert refused.value.code == code


def test_an_unknown_area_is_made_only_when_asked_for():
    bank = make_bank()
    text = CHOICE.replace("algebra", "geometry")
    assert faults_of(bank, text) == [(2, "area"), (3, "area")]
    assert run(bank, text, create_areas=True).new_areas == ["geometry"]
    assert bank.areas.get(code="geometry").item_versions.count() == 2
    bad = CHOICE.replace("algebra", "plane geometry").replace("A1,", "B1,").replace("A2,", "B2,")
    assert faults_of(bank, bad, create_areas=True) == [(2, "area"), (3, "area")]


def test_an_import_takes_no_item_back_and_retires_none():
    bank = make_bank()
    make_release(bank, (0.0,))
    rows = export_items(bank)
    assert faults_of(bank, rows.replace("operational", "draft")) == [(2, "status"), (2, "status")]
    assert faults_of(bank, "code,status\nI001,pretest\n") == [(2, "status")]
    assert faults_of(bank, "code,status\nI001,retired\n") == [(2, "status")]
    assert faults_of(bank, "code,status\nI001,sleeping\n") == [(2, "status")]
    make_release(bank, (0.5,))
    retire(bank.items.get(code="I001"), None, "old")
    assert faults_of(bank, "code,a,b\nI001,1,0\n") == [(2, "status")]


def test_a_withdrawn_item_takes_new_parameters_only_with_a_new_text():
    bank = make_bank()
    make_release(bank, (0.0,))
    withdraw(bank.items.get(), None, "leaked")
    assert run(bank, export_items(bank)).unchanged == 1
    assert faults_of(bank, "code,a,b\nI001,2,0\n") == [(2, "code")]


def test_a_file_may_approve_what_waits_for_review():
    bank = make_bank()
    run(bank, CHOICE.replace("3pl,1.2,-0.5,0.2", ",,,").replace("2pl,0.8,0.25", ",,"))
    assert [v.status for v in ItemVersion.objects.all()] == [Status.DRAFT, Status.DRAFT]
    report = run(bank, "code,status\nA1,review\nA2,pretest\n")
    assert report.count("moved") == 2
    assert [v.status for v in ItemVersion.objects.order_by("item__code")] == [
        Status.REVIEW,
        Status.PRETEST,
    ]
    assert [(row.item.code, row.role) for row in report.draft.released_items.all()] == [
        ("A2", Role.PRETEST)
    ]


def test_passages_are_versions_of_their_code():
    bank = make_bank()
    head = "code,area,kind,stem_en,rule_1_lower,stimulus,stimulus_en\n"
    rows = (
        "N1,algebra,numeric,First?,1,tale,Once upon a time\n"
        "N2,algebra,numeric,Second?,2,tale,Once upon a time\n"
        "N3,algebra,numeric,Third?,3,tale,Twice upon a time\n"
    )
    run(bank, head + rows)
    newest = [bank.items.get(code=f"N{n}").newest_version.stimulus for n in (1, 2, 3)]
    assert [stimulus.number for stimulus in newest] == [1, 1, 2]
    assert run(bank, head + rows).unchanged == 3
    assert run(bank, export_items(bank)).unchanged == 3
    text = "code,area,kind,stem_en,rule_1_lower,stimulus\nN4,algebra,numeric,Fourth?,4,{}\n"
    assert faults_of(bank, text.format("saga")) == [(2, "stimulus")]
    run(bank, text.format("tale"))
    assert bank.items.get(code="N4").newest_version.stimulus == newest[2]


def test_json_says_the_same_as_csv():
    bank = make_bank()
    items = [
        {
            "code": "A1",
            "area": "algebra",
            "kind": "single_choice",
            "stem": {"en": "=1+1 is?"},
            "options": [
                {"text": {"en": "2"}, "score": 1},
                {"text": {"en": "3"}, "note": "adds one"},
            ],
            "parameters": {"model": "3pl", "a": 1.2, "b": [-0.5], "c": 0.2},
        }
    ]
    run(bank, json.dumps({"items": items}))
    assert bank.items.get().newest_version.stem == {"en": "=1+1 is?"}
    assert parameters_in_draft(bank) == [("A1", "operational", "3pl", 1.2, [-0.5], "import")]


@pytest.mark.parametrize(
    ("member", "value", "column"),
    [
        ("colour", "red", "(colour)"),
        ("stem", "text", "(stem)"),
        ("stem", {"en": 3}, "(stem.en)"),
        ("options", "none", "(options)"),
        ("options", [1, 2], "(option_1)"),
        ("options", [{"text": {"en": "x"}, "score": "1"}], "(option_1_score)"),
        ("parameters", {"a": float("nan"), "b": [0]}, "a"),
        ("parameters", {"a": True, "b": [0]}, "a"),
        ("parameters", {"a": 1, "b": [0], "se_a": -1}, "se_a"),
        ("parameters", [1, 0], "(parameters)"),
    ],
)
def test_a_misplaced_member_of_a_json_item_is_named(member, value, column):
    bank = make_bank()
    item = {
        "code": "A1",
        "area": "algebra",
        "kind": "single_choice",
        "stem": {"en": "What?"},
        "options": [{"text": {"en": "2"}, "score": 1}, {"text": {"en": "3"}}],
    }
    good = json.dumps({"items": [item]})
    bad = json.dumps({"items": [{**item, member: value}]})
    assert (1, column) in faults_of(bank, bad)
    assert run(bank, good).count("new") == 1


@pytest.mark.parametrize(
    "member",
    [
        {"stem": {"en": "What\ud800?"}},
        {"rationale": {"en": "Why\ud800"}},
        {"stimulus": {"code": "S", "body": {"en": "Read\ud800."}}},
        {"options": [{"text": {"en": "2"}, "score": 1, "note": "\ud800"}, {"text": {"en": "3"}}]},
    ],
    ids=lambda member: next(iter(member)),
)
def test_half_a_surrogate_pair_in_json_is_refused_with_its_item(member):
    bank = make_bank()
    item = {
        "code": "A1",
        "area": "algebra",
        "kind": "single_choice",
        "stem": {"en": "What?"},
        "options": [{"text": {"en": "2"}, "score": 1}, {"text": {"en": "3"}}],
    }
    with pytest.raises(InvalidInput) as refused:
        run(bank, json.dumps({"items": [item, {**item, "code": "A2", **member}]}))
    assert refused.value.code == "unreadable_file"
    assert "item 2: unpaired surrogate '\\ud800'" in refused.value.message
    assert not bank.items.exists()


def test_each_changed_item_has_a_row_in_its_history():
    bank = make_bank()
    author = make_user("author")
    run(bank, CHOICE, actor=author, reason="from the old bank")
    run(bank, "code,a,b\nA2,1.5,0.25\n", actor=author, reason="recalibrated elsewhere")
    entries = AuditEntry.objects.filter(act="import_item", object_label="A2").order_by("pk")
    assert [(e.reason, e.actor_name, e.detail["change"]) for e in entries] == [
        ("from the old bank", "author", "new"),
        ("recalibrated elsewhere", "author", "parameters"),
    ]
    detail = entries[1].detail
    assert (detail["before"]["discrimination"], detail["after"]["discrimination"]) == (0.8, 1.5)
    with pytest.raises(InvalidInput) as refused:
        run(bank, CHOICE, reason=" ")
    assert refused.value.code == "reason_required"


def test_three_hundred_items_take_a_constant_number_of_queries(django_assert_max_num_queries):
    bank = make_bank()
    head, row, _other = CHOICE.splitlines()
    rows = [row.replace("A1,", f"A{n},") for n in range(300)]
    text = "\n".join([head, *rows])
    with django_assert_max_num_queries(30):
        run(bank, text)
    with django_assert_max_num_queries(30):
        run(bank, text.replace("What", "Where"))
    with django_assert_max_num_queries(30):
        run(bank, text.replace("What", "Where").replace("-0.5", "-0.75"))
    with django_assert_max_num_queries(12):
        export_items(bank)


def test_numeric_rules_keep_their_order():
    bank = make_bank()
    make_item(bank, "N1", numeric_content(bank))
    rows = export_items(bank)
    assert run(bank, rows).unchanged == 1


def groups_of(bank):
    return {
        group.code: sorted(group.items.values_list("code", flat=True))
        for group in bank.enemy_groups.all()
    }


def test_a_column_of_enemies_makes_groups_and_says_who_is_in_them():
    bank = make_bank()
    author = make_user("author")
    run(bank, CHOICE)
    draft = open_draft(bank, None)
    report = run(
        bank, "code,enemies\nA1,twins story\nA2,twins\n", actor=author, reason="spring review"
    )
    assert report.changes == [
        ("A1", "enemies", "enemies: story, twins"),
        ("A2", "enemies", "enemies: twins"),
    ]
    assert groups_of(bank) == {"story": ["A1"], "twins": ["A1", "A2"]}
    assert set(draft.released_items.values_list("provenance", flat=True)) == {"import"}
    entry = AuditEntry.objects.get(act="set_enemies", object_label="twins")
    assert (entry.actor, entry.reason, entry.detail) == (
        author,
        "spring review",
        {"before": [], "after": ["A1", "A2"]},
    )
    moved = run(bank, "code,enemies\nA1,story\nA2,\n")
    assert [change[2] for change in moved.changes] == [
        "enemies: story, twins → story",
        "enemies: twins → none",
    ]
    assert groups_of(bank) == {"story": ["A1"], "twins": []}


def test_a_file_without_a_column_of_enemies_leaves_the_groups_as_they_are():
    bank = make_bank()
    run(bank, CHOICE)
    run(bank, "code,enemies\nA1,twins\nA2,twins\n")
    report = run(bank, CHOICE)
    assert (report.changes, report.unchanged) == ([], 2)
    item = {"code": "A1", "enemies": []}
    run(bank, json.dumps({"items": [item]}))
    assert groups_of(bank) == {"twins": ["A2"]}


def test_a_change_of_enemies_alone_writes_no_version_and_no_parameters():
    bank = make_bank()
    run(bank, CHOICE)
    publish(open_draft(bank, None), None, "go")
    withdraw(bank.items.get(code="A2"), None, "leaked")
    report = run(bank, "code,enemies\nA1,twins\nA2,twins\n")
    assert report.draft == bank.releases.get(number__isnull=True)
    assert ItemVersion.objects.count() == 2
    rows = report.draft.released_items.all()
    assert {row.provenance for row in rows} == {"inherited"}
    published = publish(report.draft, None, "enemies")
    assert [row.enemy_groups for row in published.released_items.all()] == [["twins"]] * 2


def test_a_dry_run_shows_enemies_and_times_and_writes_neither():
    bank = make_bank()
    run(bank, CHOICE)
    timed = CHOICE.replace("c\n", "c,enemies,expected_seconds\n", 1)
    timed = timed.replace("0.2\n", "0.2,twins,90\n").replace("0.25,\n", "0.25,,twins,\n")
    report = run(bank, timed, dry_run=True)
    assert report.changes == [
        (
            "A1",
            "revised",
            "new version, changed: expected_seconds | operational | 3pl a 1.2; b -0.5; c 0.2"
            " | enemies: twins",
        ),
        ("A2", "enemies", "enemies: twins"),
    ]
    assert bank.enemy_groups.count() == 0
    run(bank, timed)
    assert bank.items.get(code="A1").newest_version.expected_seconds == 90
    assert groups_of(bank) == {"twins": ["A1", "A2"]}


@pytest.mark.parametrize("seconds", ["0", "3601", "-5", "1.5", "soon"])
def test_a_time_that_no_item_takes_is_refused(seconds):
    bank = make_bank()
    text = CHOICE.replace("c\n", "c,expected_seconds\n", 1)
    text = text.replace("0.2\n", f"0.2,{seconds}\n").replace("0.25,\n", "0.25,,60\n")
    assert faults_of(bank, text) == [(2, "expected_seconds")]


def test_bad_enemies_refuse_the_whole_file():
    bank = make_bank()
    run(bank, CHOICE)
    assert faults_of(bank, "code,enemies\nA1,twins\nA2,one/two\n") == [(3, "enemies")]
    assert bank.enemy_groups.count() == 0
    for enemies in ([1], "twins", ["two words"], [""]):
        document = {"items": [{"code": "A1", "enemies": enemies}]}
        assert faults_of(bank, json.dumps(document)) == [(1, "(enemies)")]
    unknown = "code,enemies\nA9,twins\n"
    assert faults_of(bank, unknown) == [(2, "code")]


def test_enemies_of_many_items_are_imported_in_few_queries(django_assert_max_num_queries):
    bank = make_bank()
    make_release(bank, [0.1 * n for n in range(30)])
    codes = bank.items.order_by("code").values_list("code", flat=True)
    text = "code,enemies\n" + "".join(f"{code},g{n // 3}\n" for n, code in enumerate(codes))
    with django_assert_max_num_queries(40):
        run(bank, text)
    assert bank.enemy_groups.count() == 10
