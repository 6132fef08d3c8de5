"""Banks and content areas: where items belong."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from common.admin.base import KeptAdmin, render_page
from common.admin.localized import LocalizedTextField
from common.permissions import require_all
from items.admin.area_bars import area_figure
from items.admin.bank_texts import BankTextsForm
from items.areas import area_trees
from items.models import Bank, ContentArea
from items.releases import lock_bank


class BankForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"),
        choices=settings.LANGUAGES,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("Every item must be written in all of them."),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=[(name, name) for name in sorted(available_timezones())],
        initial="UTC",
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Bank
        fields = ("name", "slug", "description", "languages", "time_zone")


@admin.register(Bank)
class BankAdmin(KeptAdmin):
    form = BankForm
    list_display = ("name", "slug", "languages", "time_zone")
    search_fields = ("name", "slug")
    ordering = ("name",)


class AreaForm(BankTextsForm):
    texts = ("name",)
    name = LocalizedTextField(label=gettext_lazy("Name"), rows=1)

    class Meta:
        model = ContentArea
        fields = ("bank", "parent", "code", "name")


@admin.register(ContentArea)
class ContentAreaAdmin(KeptAdmin):
    form = AreaForm
    fields = ("bank", "parent", "code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("bank",) if obj else ()

    def save_model(self, request: HttpRequest, obj: ContentArea, form: Any, change: bool) -> None:
        # Publishing and moving an area would otherwise wait for each other.
        lock_bank(obj.bank_id)
        super().save_model(request, obj, form, change)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The areas of each bank as a tree, with what its current release holds in each."""
        require_all(request.user, "items.view_contentarea")
        return render_page(
            request,
            "items/areas.html",
            _("Content areas"),
            banks=[(tree, area_figure(tree.rows)) for tree in area_trees()],
            may_add=self.has_add_permission(request),
            about=ContentArea,
        )
