"""Section: how evenly the items are used."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.report.plot import Plot
from common.report.section import Column, Figure, Level, Section, Table, Verdict
from common.report.words import as_count, as_share, decimals
from sessions.models import Simulation
from sessions.simulation.report.limits import HIGH_RATE, IDLE_SHARE, RATE_TOLERANCE
from sessions.simulation.results import PolicyResults

# The most used items are on the page, all of them in the file.
_ITEMS_SHOWN = 15
_BINS = np.linspace(0, 1, 21)

# Why a rate lies above its limit in a simulation only.
_BY_CHANCE = gettext_lazy(
    "Up to %(largest)s. Examinees are simulated in blocks of %(size)d, each of which sees the "
    "counts of those before it: the first %(size)d have no counts to go by, which is much of "
    "%(examinees)s. Live, each session sees all before it. With %(enough)s examinees the blocks "
    "hardly show; if the rate is still above its target, add items, raise the rate, or shorten "
    "the test."
)
_ALWAYS_ALLOWED = gettext_lazy(
    "Up to %(largest)s. The hard cap always allows %(minimum)d sessions, which are more than its "
    "share of %(examinees)s examinees. Simulate more examinees: with %(enough)s the cap itself "
    "shows."
)
_BY_BLOCKS = gettext_lazy(
    "Up to %(largest)s. The hard cap holds live, where each session sees all before it. Here "
    "examinees come in blocks of %(size)d, each of which sees the counts of those before it, so "
    "that an item can pass its cap by %(beyond)d sessions: %(share)s of %(examinees)s examinees. "
    "Simulate more of them: with %(enough)s it is below 1%%."
)


def exposure(run: Simulation) -> Section:
    """The rates of the items from the most used one on, and how many items have which rate."""
    policies: list[PolicyResults] = run.results["policies"]
    return Section(
        name="exposure",
        title=_("Use of the items"),
        shows=_(
            "The exposure rate of an item is the share of the examinees who get it. Items that "
            "nearly everybody gets become known; items that nobody gets were written for nothing."
        ),
        verdict=_verdict(policies[0]),
        figures=[_sorted_rates(policies), _histogram(policies)],
        tables=[_table(policies)],
        notes=_notes(policies),
    )


def _verdict(policy: PolicyResults) -> Verdict:
    overall, target = policy["overall"], policy["target"]
    limit = HIGH_RATE if target is None else target + RATE_TOLERANCE
    above, control = int((_rates(policy) > limit).sum()), policy["control"]
    idle = overall["unused"] / overall["operational"]
    told = {
        "largest": as_share(overall["largest_rate"]),
        "overlap": as_share(overall["overlap"]),
        "target": as_share(target),
        "count": above,
        "unused": overall["unused"],
        "operational": overall["operational"],
    }
    if control is not None and not control["converged"]:
        return Verdict(
            Level.ACT,
            _("The exposure control did not reach its target of %(target)s.") % told,
            _(
                "When it was derived, an item was given to up to %(derived)s of a group. Raise the "
                "rate, add items, or shorten the test: in a new version it is derived anew."
            )
            % {"derived": as_share(control["largest_rate"])},
        )
    if above and target is not None:
        return Verdict(
            Level.LOOK,
            _("Items used more than their target of %(target)s allows: %(count)d.") % told,
            explain_blocks(policy)
            or _("Up to %(largest)s. Add items like them, raise the rate, or shorten the test.")
            % told,
        )
    if above:
        return Verdict(
            Level.LOOK,
            _("Items that more than half of the examinees get: %(count)d.") % told,
            _("Up to %(largest)s. Switch exposure control on, or draw among more items.") % told,
        )
    if idle > IDLE_SHARE:
        return Verdict(
            Level.LOOK,
            _("%(unused)d of %(operational)d operational items are never used.") % told,
            _("Draw among more items, or use a-stratified selection, if they are to be used."),
        )
    return Verdict(
        Level.GOOD,
        _("No item is used more than it should be: at most %(largest)s.") % told,
        _("Two examinees share %(overlap)s of a test; %(unused)d items are not used.") % told,
    )


def explain_blocks(policy: PolicyResults) -> str:
    """Why a rate is above its limit where the simulation, not the rule, is the reason; else ""."""
    blocks, examinees = policy.get("blocks"), policy["overall"]["examinees"]
    if blocks is None:
        return ""
    beyond = blocks["size"] - 1
    told = {
        "largest": as_share(policy["overall"]["largest_rate"]),
        "size": blocks["size"],
        "beyond": beyond,
        "examinees": as_count(examinees),
        "share": as_share(beyond / examinees),
        "enough": as_count(100 * blocks["size"]),
        "minimum": blocks["minimum"],
    }
    if blocks["cap"] is None:
        return str(_BY_CHANCE % told)
    # Counts are whole, and the rates of the results are rounded.
    given = round(policy["overall"]["largest_rate"] * examinees)
    free = max(blocks["minimum"], int(blocks["cap"] * examinees))
    if given > free + beyond + 1:
        return ""
    return str((_ALWAYS_ALLOWED if given <= free + 1 else _BY_BLOCKS) % told)


def _sorted_rates(policies: Sequence[PolicyResults]) -> Figure:
    longest = max(len(_rates(policy)) for policy in policies)
    target = policies[0]["target"]
    highest = max([target or 0.0, *(policy["overall"]["largest_rate"] for policy in policies)])
    plot = Plot.of(
        (1, max(longest, 2), _("items, the most used first")),
        (0, min(1.0, highest * 1.15 + 0.02), _("exposure rate")),
    )
    curves = [
        plot.curve(f"series-{number}", np.arange(1.0, len(rates) + 1), rates)
        for number, policy in enumerate(policies)
        for rates in [_rates(policy)]
    ]
    lines = [] if target is None else [plot.level("limit", target, _("target"))]
    return Figure(
        name="sorted-rates",
        title=_("Exposure rates, sorted"),
        description=_(
            "Every operational item is a place on the axis. A high left end means that few items "
            "carry the test, a long flat right end that many lie idle."
        ),
        drawing=plot.drawing(*curves, *lines),
        width=plot.width,
        height=plot.height,
        legend=[(f"series-{number}", policy["name"]) for number, policy in enumerate(policies)],
    )


def _histogram(policies: Sequence[PolicyResults]) -> Figure:
    counts = [np.histogram(_rates(policy), _BINS)[0] for policy in policies]
    plot = Plot.of((0, 1, _("exposure rate")), (0, max(c.max() for c in counts) * 1.08, _("items")))
    bars = plot.bars("people", _BINS, counts[0].astype(float))
    middles = (_BINS[:-1] + _BINS[1:]) / 2
    other = [plot.curve("series-1", middles, c.astype(float)) for c in counts[1:]]
    return Figure(
        name="rates-histogram",
        title=_("How many items have which rate"),
        description=_("Each bar is a range of 5 percentage points."),
        drawing=plot.drawing(bars, *other),
        width=plot.width,
        height=plot.height,
        legend=[
            (kind, policy["name"])
            for kind, policy in zip(("people", "series-1"), policies, strict=False)
        ],
        numbers=Table(
            name="rates_histogram",
            caption=_("How many items have which rate"),
            columns=[
                Column("from", _("rate from"), decimals(2)),
                Column("to", _("to"), decimals(2)),
                *(Column(f"items_{n}", p["name"], as_count) for n, p in enumerate(policies)),
            ],
            rows=[
                (low, high, *(int(c[n]) for c in counts))
                for n, (low, high) in enumerate(pairwise(_BINS.tolist()))
            ],
        ),
    )


def _table(policies: Sequence[PolicyResults]) -> Table:
    return Table(
        name="exposure",
        caption=_("Exposure rate of each item"),
        columns=[
            Column("version", None),
            Column("item", _("item")),
            Column("role", _("role")),
            Column("rate", _("exposure rate"), as_share),
        ],
        rows=[
            (policy["name"], code, "operational" if is_operational else "pretest", rate)
            for policy in policies
            for _id, code, is_operational, rate in policy["rates"]
        ],
        shown=range(min(_ITEMS_SHOWN, len(policies[0]["rates"]))),
    )


def _notes(policies: Sequence[PolicyResults]) -> list[str]:
    notes = []
    for policy in policies:
        target, largest = policy["target"], policy["overall"]["largest_rate"]
        if target is not None and largest > target and (reason := explain_blocks(policy)):
            notes.append(f"{policy['name']}: {reason}")
        control = policy["control"]
        if control is None:
            continue
        told = {
            "version": policy["name"],
            "rounds": control["rounds"],
            "rate": as_share(control["largest_rate"]),
        }
        if not control["converged"]:
            notes.append(
                _(
                    "The exposure control of %(version)s did not reach its target; under it the "
                    "largest rate was %(rate)s when it was derived."
                )
                % told
            )
        elif control["rounds"]:
            notes.append(
                _("The exposure control of %(version)s was derived in %(rounds)d rounds.") % told
            )
        else:
            notes.append(
                _("The exposure control of %(version)s was derived by an earlier simulation.")
                % told
            )
    return notes


def _rates(policy: PolicyResults) -> np.ndarray:
    """Of the operational items, falling."""
    return np.array([rate for _id, _code, operational, rate in policy["rates"] if operational])
