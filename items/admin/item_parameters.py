"""Editing an item's parameters in the bank's draft release."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from common.admin.base import errors_on, posted, render_page
from common.admin.seen import hand_out, seen_by
from common.permissions import require_all
from items.admin.curves import Curve, curve_figure
from items.admin.item_acts import PARAMETERS
from items.admin.item_pages import curves_of, find_item, standing_parameters
from items.admin.parameter_form import ParameterForm, parameter_initial
from items.models import Item, ItemVersion, ReleasedItem
from items.release_rows import set_parameters, shown_values
from items.releases import open_draft


def parameters_page(request: HttpRequest, item_id: int) -> HttpResponse:
    """Current and draft values, a form for new ones (reason required), and all their curves."""
    require_all(request.user, "items.view_item", PARAMETERS)
    item = find_item(item_id)
    released = standing_parameters(item)
    version = _version_to_edit(item, released)
    shown = released[-1][1] if released else None
    form = ParameterForm(posted(request), version=version, initial=parameter_initial(shown))
    hand_out(form, shown_values(shown))
    if form.is_valid() and form.parameters is not None:
        with errors_on(form):
            with transaction.atomic():
                draft = open_draft(item.bank, request.user)
                reason = form.cleaned_data["reason"]
                actor, seen = request.user, seen_by(form)
                set_parameters(draft, version, form.parameters, actor, reason, seen=seen)
            messages.success(request, _("Saved in the draft release. Publish it to use them."))
            return redirect("admin:items_item_change", item.pk)
    return render_page(
        request,
        "items/parameters.html",
        _("Parameters of %(item)s") % {"item": item.code},
        about=item,
        item=item,
        version=version,
        released=released,
        form=form,
        figure=_figure(released, form),
        back=reverse("admin:items_item_change", args=[item.pk]),
        model=form["model"].value(),
    )


def curve_fragment(request: HttpRequest, item_id: int) -> HttpResponse:
    """The figure for the values in the query string, while they are being typed."""
    require_all(request.user, "items.view_item", PARAMETERS)
    item = find_item(item_id)
    released = standing_parameters(item)
    form = ParameterForm(request.GET, version=_version_to_edit(item, released))
    form.is_valid()
    return HttpResponse(_figure(released, form))


def _version_to_edit(item: Item, released: list[tuple[str, ReleasedItem]]) -> ItemVersion:
    """The version in the draft, else in the current release, else the newest."""
    return released[-1][1].item_version if released else item.newest_version


def _figure(released: list[tuple[str, ReleasedItem]], form: ParameterForm) -> str:
    curves = curves_of(released)
    if form.is_bound and form.parameters is not None:
        curves.append(Curve(_("new values"), form.parameters))
    return curve_figure(curves) if curves else ""
