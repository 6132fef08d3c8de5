"""The acts on an item, as buttons: who may, when it makes sense, what the domain function is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.admin.base import ReasonForm, errors_on, posted, render_page
from common.admin.seen import hand_out, seen_by
from common.errors import NotFound
from common.permissions import require_all
from items import authoring, releases
from items.history import version_values
from items.models import Item, ItemVersion, Status

EDIT = "items.change_item"
PARAMETERS = "items.edit_parameters"


@dataclass(frozen=True)
class Act:
    """One button. `fits` says whether it makes sense for an item in this state.

    What judges the newest version is refused where that is not the one that the page showed;
    taking an item out of use is not held up by that.
    """

    name: str
    label: Any
    permission: str
    explanation: Any
    done: Any
    fits: Callable[[Item, ItemVersion], bool]
    run: Callable[[Item, Any, str], Any]
    needs_reason: bool = False
    is_grave: bool = False
    judges_version: bool = True


def _status_is(*statuses: Status) -> Callable[[Item, ItemVersion], bool]:
    return lambda item, newest: newest.status in statuses


def _is_released(item: Item, newest: ItemVersion) -> bool:
    current = item.bank.current_release
    return current is not None and current.released_items.filter(item=item).exists()


def _can_carry(item: Item, newest: ItemVersion) -> bool:
    """The newest version is approved and an earlier one has parameters in the current release."""
    current = item.bank.current_release
    if newest.status != Status.PRETEST or current is None:
        return False
    calibrated = current.released_items.filter(item=item, discrimination__isnull=False)
    return calibrated.exclude(item_version=newest).exists()


ACTS = (
    Act(
        "submit",
        gettext_lazy("Submit for review"),
        EDIT,
        gettext_lazy("The draft goes to a reviewer."),
        gettext_lazy("Submitted for review."),
        _status_is(Status.DRAFT),
        lambda item, actor, reason: authoring.submit_for_review(item.newest_version, actor),
    ),
    Act(
        "approve",
        gettext_lazy("Approve for pretest"),
        EDIT,
        gettext_lazy("The version enters the draft release in the role pretest."),
        gettext_lazy("Approved: it is in the draft release as a pretest item."),
        _status_is(Status.REVIEW),
        lambda item, actor, reason: authoring.approve_for_pretest(item.newest_version, actor),
    ),
    Act(
        "return",
        gettext_lazy("Return to draft"),
        EDIT,
        gettext_lazy("The content comes back as a new draft version."),
        gettext_lazy("Returned to draft."),
        _status_is(Status.REVIEW, Status.PRETEST, Status.RETIRED),
        lambda item, actor, reason: authoring.return_to_draft(item.newest_version, actor, reason),
        needs_reason=True,
    ),
    Act(
        "carry",
        gettext_lazy("Carry parameters over"),
        PARAMETERS,
        gettext_lazy(
            "The newest version takes the parameters that the item has in the current release. "
            "For corrections that cannot change how hard the item is."
        ),
        gettext_lazy("Carried over into the draft release."),
        _can_carry,
        lambda item, actor, reason: authoring.carry_parameters(item.newest_version, actor, reason),
        needs_reason=True,
    ),
    Act(
        "retire",
        gettext_lazy("Retire"),
        "items.retire_item",
        gettext_lazy(
            "Publishes a release without this item. Sessions under way keep theirs; new sessions "
            "never see the item."
        ),
        gettext_lazy("Retired: the new release does not contain it."),
        _is_released,
        lambda item, actor, reason: releases.retire(item, actor, reason),
        needs_reason=True,
        is_grave=True,
        judges_version=False,
    ),
    Act(
        "withdraw",
        gettext_lazy("Withdraw now"),
        "items.withdraw_item",
        gettext_lazy(
            "From the next selection on, no session gets this item any more, not even those under "
            "way. For leaked items and wrong keys. It cannot be undone."
        ),
        gettext_lazy("Withdrawn: no session gets it any more."),
        lambda item, newest: newest.withdrawn_at is None,
        lambda item, actor, reason: releases.withdraw(item, actor, reason),
        needs_reason=True,
        is_grave=True,
        judges_version=False,
    ),
)


def acts_for(request: HttpRequest, item: Item, newest: ItemVersion) -> list[Act]:
    """What this user may do with the item now."""
    return [act for act in ACTS if request.user.has_perm(act.permission) and act.fits(item, newest)]


def act_page(request: HttpRequest, item_id: int, name: str) -> HttpResponse:
    """GET asks for confirmation and, where needed, for the reason; POST carries the act out."""
    act = next((act for act in ACTS if act.name == name), None)
    if act is None:
        raise NotFound("no_such_act", _("There is no act called %(name)s.") % {"name": name})
    require_all(request.user, "items.view_item", act.permission)
    item = get_object_or_404(Item.objects.select_related("bank"), pk=item_id)
    form = ReasonForm(posted(request), needs_reason=act.needs_reason, confirm=act.is_grave)
    hand_out(form, version_values(item.newest_version) if act.judges_version else {})
    if form.is_valid():
        with errors_on(form):
            _carry_out(act, item, request.user, form)
            messages.success(request, act.done)
            return redirect("admin:items_item_change", item.pk)
    return render_page(
        request,
        "items/act.html",
        f"{item.code}: {act.label}",
        about=item,
        form=form,
        label=act.label,
        explanation=act.explanation,
        is_grave=act.is_grave,
        back=reverse("admin:items_item_change", args=[item.pk]),
    )


def _carry_out(act: Act, item: Item, actor: Any, form: ReasonForm) -> None:
    with transaction.atomic():
        if act.judges_version:
            authoring.lock_as_seen(item, seen_by(form))
        act.run(item, actor, form.cleaned_data.get("reason", ""))
