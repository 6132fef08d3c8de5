"""Which item comes next, which one comes first, and whether one may be omitted."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from irt.policy.policy import Criterion, Draw, FirstItem
from items.models import Bank, Item, Role
from sessions.models import TestVersion
from sessions.rules.settings.declaration import Case, Group, Rule, Setting, When

_STRATIFIED = When("selection", (Criterion.A_STRATIFIED.value,))


def operational_items(bank: Bank) -> QuerySet[Item]:
    """Items that are operational in the bank's current release, by code."""
    return bank.items.filter(
        released__release=bank.current_release, released__role=Role.OPERATIONAL
    ).order_by("code")


def _summarize_criterion(version: TestVersion) -> Iterator[str]:
    if version.selection != Criterion.MAXIMUM_INFORMATION:
        yield version.get_selection_display()


def _find_too_many_strata(case: Case) -> Iterator[str]:
    selection, longest = case.policy.selection, case.policy.stopping.max_items
    available = int(case.pool.operational.sum())
    limit = min(available, longest)
    if selection.criterion == Criterion.A_STRATIFIED and selection.strata > limit:
        message = _(
            "%(strata)d strata are too many for a test of at most %(longest)d items from a bank "
            "with %(available)d operational ones: choose %(limit)d or fewer."
        )
        values = {"longest": longest, "available": available, "limit": limit}
        yield message % (values | {"strata": selection.strata})


def _find_item_of_another_bank(version: TestVersion) -> Iterator[str]:
    bank = version.test.bank
    if version.first_item and version.first_item.bank_id != bank.pk:
        message = _("The first item, %(item)s, belongs to another bank: choose one of %(bank)s.")
        yield message % {"item": version.first_item, "bank": bank}


def _find_first_item_that_cannot_come(case: Case) -> Iterator[str]:
    version, selection = case.version, case.policy.selection
    if selection.first != FirstItem.FIXED or selection.first_item is None:
        return
    if not case.pool.operational[case.pool.mask([selection.first_item])].any():
        message = _(
            "The first item, %(item)s, is not operational in the bank's current release: choose "
            "an operational one, or another rule for the first item."
        )
        yield message % {"item": version.first_item}
    if version.cap_rate is not None and version.cap_rate < 1:
        message = _(
            "The first item is always %(item)s, but the hard cap allows it in a share of %(cap)g "
            "of the sessions only: choose another rule for the first item, or no cap."
        )
        yield message % {"item": version.first_item, "cap": version.cap_rate}


CHOICE = Group(
    "choice",
    gettext_lazy("Choice of items"),
    gettext_lazy(
        "Which item comes next: how useful it is, how much chance there is, and the first one."
    ),
    (
        Setting(
            name="selection",
            help=gettext_lazy(
                "Maximum information gives the shortest tests; a-stratified spares the best items."
            ),
            summarize=_summarize_criterion,
            is_said_late=True,
            documentation="[When to use which](adaptive-testing.md#criteria).",
        ),
        Setting(
            name="strata",
            help=gettext_lazy(
                "Into how many parts the bank is cut, from flat items to steep ones."
            ),
            when=_STRATIFIED,
            rules=(
                Rule("sessions_strata_from_one", gettext_lazy("Choose between 1 and 50 strata.")),
            ),
            find_contradictions=_find_too_many_strata,
        ),
        Setting(
            name="b_blocking",
            help=gettext_lazy("Every stratum then has easy and difficult items."),
            when=_STRATIFIED,
        ),
        Setting(
            name="draw",
            help=gettext_lazy("Chance keeps two students from getting the same items."),
            documentation="[The draws](adaptive-testing.md#chance-on-top).",
        ),
        Setting(
            name="randomesque",
            help=gettext_lazy("The next item is drawn from this many of the best; 1 = the best."),
            when=When("draw", (Draw.RANDOMESQUE.value,)),
            rules=(
                Rule(
                    "sessions_randomesque_from_one",
                    gettext_lazy("Draw among at least 1 item; 1 = the best."),
                ),
            ),
        ),
        Setting(
            name="draw_power",
            help=gettext_lazy("1 = chance gives way evenly; larger = it stays for longer."),
            when=When("draw", (Draw.PROGRESSIVE.value, Draw.PROPORTIONAL.value)),
            rules=(
                Rule(
                    "sessions_draw_power_finite",
                    gettext_lazy("The acceleration must be a finite number from 0."),
                ),
            ),
        ),
        Setting(
            name="first_item_rule",
            help=gettext_lazy("θ at which the first item is looked for."),
            documentation="[The first item](adaptive-testing.md#the-first-item).",
        ),
        Setting(
            name="first_item_spread",
            help=gettext_lazy("Each session begins at a θ drawn from the prior mean ± this."),
            when=When("first_item_rule", (FirstItem.SPREAD.value,)),
            rules=(
                Rule(
                    "sessions_first_item_spread_range",
                    gettext_lazy("The spread of the first item must be a θ from 0 to 6."),
                ),
            ),
        ),
        Setting(
            name="first_item",
            help=gettext_lazy("An operational item of the bank's current release."),
            when=When("first_item_rule", (FirstItem.FIXED.value,), forgets=True),
            rows=operational_items,
            rules=(
                Rule(
                    "sessions_fixed_first_item_named",
                    gettext_lazy(
                        "Name the first item where it is always the same, and leave it empty "
                        "otherwise."
                    ),
                ),
            ),
            find_faults=_find_item_of_another_bank,
            find_contradictions=_find_first_item_that_cannot_come,
        ),
        Setting(
            name="omit_policy",
            help=gettext_lazy("Whether an item may be left unanswered, and how it counts then."),
        ),
    ),
)
