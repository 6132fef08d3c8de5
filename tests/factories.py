"""Banks, their items and releases, and people for tests; built through the domain functions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from irt.models.parameters import Model
from items.authoring import (
    approve_for_pretest,
    create_item,
    new_version,
    submit_for_review,
    write_versions,
)
from items.content import Content, OptionContent, RuleContent, check_content
from items.item_parameters import Parameters
from items.models import (
    Bank,
    BankRelease,
    ContentArea,
    Item,
    ItemVersion,
    ReleasedItem,
    ResponseKind,
    Role,
    Status,
)
from items.release_rows import released_row, upsert
from items.releases import open_draft, publish


def make_bank(
    slug: str = "mathematics",
    languages: Sequence[str] = ("en",),
    areas: Sequence[str] = ("algebra",),
    name: str | None = None,
) -> Bank:
    """A bank without items."""
    bank = Bank.objects.create(slug=slug, name=name or slug.title(), languages=list(languages))
    for code in areas:
        ContentArea.objects.create(bank=bank, code=code, name={"en": code.title()})
    return bank


def make_user(username: str, role: str | None = None, **fields: Any) -> Any:
    """A user with the password "password"; `role` names a group of common.roles."""
    user = get_user_model().objects.create_user(username, password="password", **fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    return user


def _in_all_languages(bank: Bank, text: str) -> dict[str, str]:
    return dict.fromkeys(bank.languages, text)


def choice_content(bank: Bank, stem: str = "What is $1 + 1$?", options: int = 4) -> Content:
    """The first option is the key."""
    return Content(
        area=bank.areas.get(code="algebra"),
        response_kind=ResponseKind.SINGLE_CHOICE,
        stem=_in_all_languages(bank, stem),
        options=tuple(
            OptionContent(_in_all_languages(bank, f"option {n}"), score=int(n == 1))
            for n in range(1, options + 1)
        ),
    )


def likert_content(bank: Bank, stem: str = "I slept well.", categories: int = 5) -> Content:
    return Content(
        area=bank.areas.get(code="algebra"),
        response_kind=ResponseKind.LIKERT,
        stem=_in_all_languages(bank, stem),
        options=tuple(
            OptionContent(_in_all_languages(bank, f"category {k}"), score=k)
            for k in range(categories)
        ),
    )


def numeric_content(bank: Bank, stem: str = "How much is a half?") -> Content:
    return Content(
        area=bank.areas.get(code="algebra"),
        response_kind=ResponseKind.NUMERIC,
        stem=_in_all_languages(bank, stem),
        rules=(RuleContent(lower=0.5, upper=0.5, score=1),),
    )


def ordering_content(bank: Bank, stem: str = "From small to large.", options: int = 4) -> Content:
    return Content(
        area=bank.areas.get(code="algebra"),
        response_kind=ResponseKind.ORDERING,
        stem=_in_all_languages(bank, stem),
        options=tuple(
            OptionContent(_in_all_languages(bank, f"line {n}")) for n in range(1, options + 1)
        ),
    )


def matching_content(bank: Bank, stem: str = "What belongs together?", pairs: int = 3) -> Content:
    """Term n belongs to choice n; the last choice is a distractor."""
    return Content(
        area=bank.areas.get(code="algebra"),
        response_kind=ResponseKind.MATCHING,
        stem=_in_all_languages(bank, stem),
        options=tuple(
            OptionContent(
                _in_all_languages(bank, f"choice {n}"),
                term=_in_all_languages(bank, f"term {n}") if n <= pairs else {},
            )
            for n in range(1, pairs + 2)
        ),
    )


def make_item(bank: Bank, code: str, content: Content | None = None) -> ItemVersion:
    """An approved version (status pretest), in the bank's authoring draft."""
    version = create_item(bank, code, content or choice_content(bank, f"Stem of {code}"), None)
    submit_for_review(version, None)
    approve_for_pretest(version, None)
    return version


def parameters_for(version: ItemVersion, a: float = 1.0, b: float = 0.0) -> Parameters:
    """2PL at `b`, or graded thresholds one apart around it."""
    if version.max_score == 1:
        return Parameters(Model.TWO_PL, a, (b,))
    middle = (version.max_score - 1) / 2
    steps = tuple(b + step - middle for step in range(version.max_score))
    return Parameters(Model.GRADED, a, steps)


def write_items(bank: Bank, contents: Mapping[str, Content]) -> list[ItemVersion]:
    """Approved versions (status pretest) by their codes, all at once, as an import writes them."""
    items = Item.objects.bulk_create(Item(bank=bank, code=code) for code in contents)
    written = []
    for item, content in zip(items, contents.values(), strict=True):
        check_content(bank, content)
        written.append((new_version(item, 1, content, None, "", Status.PRETEST), content))
    write_versions(written)
    return [version for version, _content in written]


def release_items(
    bank: Bank,
    versions: Iterable[tuple[ItemVersion, Parameters | None]],
    pretest_models: Mapping[str, str] | None = None,
) -> BankRelease:
    """Publish what the bank has and these: operational with parameters, else pretest.

    A pretest item awaits the model that its kind asks for, or the one of its code.
    """
    draft = open_draft(bank, None)
    rows = []
    for version, parameters in versions:
        if parameters:
            parameters.check(version)
        role = Role.OPERATIONAL if parameters else Role.PRETEST
        row = released_row(draft, version, role, ReleasedItem.Provenance.MANUAL, parameters)
        if parameters is None and pretest_models:
            row.model = pretest_models[version.item.code]
        rows.append(row)
    upsert(rows)
    return publish(draft, None, "for a test")


def freeze(release: BankRelease) -> BankRelease:
    """Number a draft past the domain: for states that `publish` refuses or would mend."""
    last = release.bank.current_release
    release.number = 1 if last is None else (last.number or 0) + 1
    release.published_at = timezone.now()
    release.save()
    return release


def make_release(
    bank: Bank, difficulties: Sequence[float] = (-1.0, 0.0, 1.0), a: float = 1.0
) -> BankRelease:
    """Write one 2PL single-choice item a difficulty and publish them as operational."""
    known = bank.items.count()
    codes = [f"I{known + number:03d}" for number in range(1, len(difficulties) + 1)]
    versions = write_items(bank, {code: choice_content(bank, f"Stem of {code}") for code in codes})
    with_parameters = [
        (version, parameters_for(version, a, b))
        for version, b in zip(versions, difficulties, strict=True)
    ]
    return release_items(bank, with_parameters)


# Every model once, partial credit steps out of order, with the standard errors that each can have.
EIGHT_MODELS = (
    Parameters("rasch", 1.25, (-0.75,), difficulty_se=(0.1,)),
    Parameters("1pl", 0.9, (-0.25,), discrimination_se=0.05, difficulty_se=(0.1,)),
    Parameters("2pl", 1.4, (0.25,), discrimination_se=0.07, difficulty_se=(0.1,)),
    Parameters("3pl", 1.3, (0.5,), 0.2, 1.0, 0.1, (0.15,), 0.03),
    Parameters("4pl", 1.6, (0.0,), 0.15, 0.95, 0.2, (0.15,), 0.03, 0.02),
    Parameters("grm", 1.2, (-1.0, 0.0, 1.5), discrimination_se=0.1, difficulty_se=(0.1, 0.2, 0.3)),
    Parameters("pcm", 1.25, (0.5, -0.5, 1.0), difficulty_se=(0.1, 0.2, 0.3)),
    Parameters("gpcm", 0.8, (0.25, -1.0, 0.75), 0.0, 1.0, 0.1, (0.1, 0.2, 0.3)),
)


def make_mixed_release(bank: Bank) -> BankRelease:
    """One operational item of each model, its code the model's name, published."""
    contents = {}
    for parameters in EIGHT_MODELS:
        steps = len(parameters.difficulty)
        content = likert_content(bank, categories=steps + 1) if steps > 1 else choice_content(bank)
        contents[parameters.model] = content
    versions = write_items(bank, contents)
    return release_items(bank, zip(versions, EIGHT_MODELS, strict=True))
