"""Writing an item: a new one, or the next version of one that exists."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from common.admin.base import errors_on, posted, render_page
from common.admin.seen import hand_out, seen_by
from common.permissions import require_all
from items import authoring
from items.admin.content_form import (
    ContentForm,
    NewItemForm,
    Rows,
    content_from,
    content_initial,
    kinds_on_the_page,
)
from items.admin.item_acts import EDIT
from items.admin.item_pages import find_item, newest_version
from items.history import version_values
from items.kinds.registry import KINDS
from items.models import Bank, Item


def new_page(request: HttpRequest) -> HttpResponse:
    """A new item; where there are several banks, the bank is chosen first (`?bank=slug`)."""
    require_all(request.user, "items.add_item")
    banks = list(Bank.objects.order_by("name"))
    slug = request.GET.get("bank") or (banks[0].slug if len(banks) == 1 else None)
    if slug is None:
        return render_page(request, "items/choose_bank.html", _("New item"), Item, banks=banks)
    bank = get_object_or_404(Bank, slug=slug)
    identity = NewItemForm(posted(request))
    form = ContentForm(posted(request), bank=bank, initial={"note": _("First version.")})
    rows = Rows(posted(request), bank=bank)
    if all([identity.is_valid(), form.is_valid(), rows.is_valid()]):
        with errors_on(form):
            code, note = identity.cleaned_data["code"], form.cleaned_data["note"]
            written = authoring.create_item(
                bank, code, content_from(form, rows), request.user, note
            )
            messages.success(request, _("Created as a draft."))
            return redirect("admin:items_item_change", written.item_id)
    return _render_editor(request, _("New item in %(bank)s") % {"bank": bank}, form, rows, identity)


def edit_page(request: HttpRequest, item_id: int) -> HttpResponse:
    """The next version of an item: saving writes it and leaves the one before as it is."""
    require_all(request.user, "items.view_item", EDIT)
    item = find_item(item_id)
    version = newest_version(item)
    form = ContentForm(posted(request), bank=item.bank, initial=content_initial(version))
    hand_out(form, version_values(version))
    rows = Rows(posted(request), bank=item.bank, version=version)
    if all([form.is_valid(), rows.is_valid()]):
        with errors_on(form):
            note = form.cleaned_data["note"]
            content = content_from(form, rows)
            written = authoring.revise(item, content, request.user, note, seen_by(form))
            messages.success(request, _("Saved: %(version)s.") % {"version": written})
            return redirect("admin:items_item_change", item.pk)
    title = _("Edit %(item)s") % {"item": item.code}
    return _render_editor(request, title, form, rows, item=item, version=version)


def _render_editor(
    request: HttpRequest,
    title: str,
    form: ContentForm,
    rows: Rows,
    identity: NewItemForm | None = None,
    **context: Any,
) -> HttpResponse:
    item = context.get("item")
    return render_page(
        request,
        "items/edit.html",
        title,
        about=item or Item,
        form=form,
        identity=identity,
        rows=rows,
        is_refused=form.is_bound,
        shown=json.dumps(
            {"kind": _chosen_kind(form), "kinds": kinds_on_the_page()}, ensure_ascii=False
        ),
        back=reverse("admin:items_item_change", args=[item.pk]) if item else "../",
        **context,
    )


def _chosen_kind(form: ContentForm) -> str:
    """The kind that the form holds; the first one of all where it holds none that is known."""
    chosen = form["response_kind"].value()
    return chosen if chosen in KINDS else next(iter(KINDS))
