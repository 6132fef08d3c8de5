"""Norm groups: looked at, and made once, from finished sessions or from a normal distribution."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from common.admin.base import KeptAdmin, column, errors_on, posted, render_page
from common.admin.localized import LocalizedTextField, missing_in
from common.permissions import require_all
from items.admin.bank_texts import known_languages
from items.admin.content_form import languages_of
from items.models import Bank, in_language
from sessions.models import ExamineeGroup, NormGroup, Test
from sessions.people.norms import FinishedSessions, Normal, create_norm_group

SESSIONS, NORMAL = "sessions", "normal"
NEEDED = {SESSIONS: ("test",), NORMAL: ("bank", "mean", "sd")}


class NormForm(forms.Form):
    """Whose θ the norms are: of a test's examinees, or of a distribution known from elsewhere."""

    code = forms.SlugField(
        label=gettext_lazy("Code"),
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Unique in the bank; norms never change, new ones get a new code."),
    )
    name = LocalizedTextField(label=gettext_lazy("Name"), rows=1)
    source = forms.ChoiceField(
        label=gettext_lazy("Made from"),
        choices=[
            (SESSIONS, gettext_lazy("finished sessions of a test")),
            (NORMAL, gettext_lazy("a normal distribution known from elsewhere")),
        ],
        initial=SESSIONS,
        widget=UnfoldAdminRadioSelectWidget,
    )
    test = forms.ModelChoiceField(
        Test.objects.select_related("bank").order_by("slug"),
        label=gettext_lazy("Test"),
        required=False,
        empty_label=gettext_lazy("none"),
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("The last finished session of each examinee; at least 100 of them."),
    )
    group = forms.ModelChoiceField(
        ExamineeGroup.objects.order_by("code"),
        label=gettext_lazy("Examinee group"),
        required=False,
        empty_label=gettext_lazy("everybody"),
        widget=UnfoldAdminSelectWidget,
    )
    bank = forms.ModelChoiceField(
        Bank.objects.order_by("name"),
        label=gettext_lazy("Bank"),
        required=False,
        empty_label=gettext_lazy("none"),
        widget=UnfoldAdminSelectWidget,
    )
    mean = forms.FloatField(
        label=gettext_lazy("Mean of θ"), required=False, widget=UnfoldAdminDecimalFieldWidget
    )
    sd = forms.FloatField(
        label=gettext_lazy("SD of θ"), required=False, widget=UnfoldAdminDecimalFieldWidget
    )
    n_examinees = forms.IntegerField(
        label=gettext_lazy("Examinees it was found in"),
        required=False,
        min_value=0,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("Empty = not known."),
    )
    note = forms.CharField(
        label=gettext_lazy("Where the norms come from"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Empty = a sentence about the source."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.base_fields["name"]
        self.fields["name"] = field.in_languages(known_languages(), ())

    def clean(self) -> None:
        for name in NEEDED.get(self.cleaned_data.get("source", ""), ()):
            if name not in self.errors and self.cleaned_data.get(name) is None:
                self.add_error(name, _("This source needs it."))
        test, source = self.cleaned_data.get("test"), self.cleaned_data.get("source")
        bank = test.bank if test and source == SESSIONS else self.cleaned_data.get("bank")
        lacks = missing_in(self.cleaned_data.get("name"), languages_of(bank)) if bank else None
        if lacks and "name" not in self.errors:
            self.add_error("name", lacks)

    @property
    def bank_and_source(self) -> tuple[Bank, FinishedSessions | Normal]:
        given = self.cleaned_data
        if given["source"] == SESSIONS:
            return given["test"].bank, FinishedSessions(given["test"], given["group"])
        return given["bank"], Normal(given["mean"], given["sd"], given["n_examinees"] or 0)


def add_page(request: HttpRequest) -> HttpResponse:
    """The form; POST writes the norms."""
    require_all(request.user, "cat_sessions.add_normgroup")
    form = NormForm(posted(request))
    if form.is_valid():
        given = form.cleaned_data
        with errors_on(form):
            bank, source = form.bank_and_source
            norms = create_norm_group(
                bank, given["code"], given["name"], source, request.user, given["note"]
            )
            messages.success(request, _("Created: %(norms)s.") % {"norms": norms})
            return redirect("admin:cat_sessions_normgroup_change", norms.pk)
    return render_page(
        request,
        "sessions/admin/norms.html",
        _("Make a norm group"),
        about=NormGroup,
        form=form,
    )


@admin.register(NormGroup)
class NormGroupAdmin(KeptAdmin):
    list_display = ("name_of", "code", "bank", "n_examinees", "created_at")
    list_filter = (("bank", RelatedDropdownFilter),)
    list_select_related = ("bank",)
    search_fields = ("code",)
    ordering = ("bank__slug", "code")
    fields = ("bank", "code", "name_of", "n_examinees", "note", "quartiles", "created_at")
    readonly_fields = fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Write-once: a report must be the same tomorrow."""
        return False

    def add_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        return add_page(request)

    @column(gettext_lazy("name"))
    def name_of(self, norms: NormGroup) -> str:
        return in_language(norms.name, "en")

    @column(gettext_lazy("θ at 5, 25, 50, 75 and 95%"))
    def quartiles(self, norms: NormGroup) -> str:
        return ", ".join(f"{norms.percentiles[at - 1]:.2f}" for at in (5, 25, 50, 75, 95))
