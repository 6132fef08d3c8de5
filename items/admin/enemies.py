"""Enemy groups: a code first, then the items, each change with its reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.widgets import SELECT_CLASSES, UnfoldAdminTextareaWidget

from common.admin.base import KeptAdmin, column
from common.admin.seen import seen_by
from common.edits import Values
from items import enemies
from items.models import Bank, EnemyGroup, Item


class ItemsOfBank(AutocompleteSelectMultiple):
    """A searchable choice among the items of one bank."""

    def __init__(self, bank: Bank) -> None:
        field = EnemyGroup._meta.get_field("items")
        super().__init__(field, admin.site, attrs={"class": " ".join(SELECT_CLASSES)})
        self.bank = bank

    def get_url(self) -> str:
        return reverse("admin:items_enemygroup_items", args=[self.bank.pk])


class BankItemsView(AutocompleteJsonView):
    """Django's search for a choice, within one bank."""

    def get_queryset(self) -> QuerySet[Item]:
        found: QuerySet[Item] = super().get_queryset()
        return found.filter(bank=self.kwargs["bank_id"])


class NewGroupForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    class Meta:
        model = EnemyGroup
        fields = ("bank", "code", "note")


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    members = forms.ModelMultipleChoiceField(
        Item.objects.none(),
        label=_("Items"),
        required=False,
        help_text=_("Search by code or words of the stem. A session meets one of them at most."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )

    class Meta:
        model = EnemyGroup
        fields = ("note",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        members: Any = self.fields["members"]
        members.widget = ItemsOfBank(self.instance.bank)
        members.queryset = self.instance.bank.items.order_by("code")
        members.initial = self.instance.items.all()


@admin.register(EnemyGroup)
class EnemyGroupAdmin(KeptAdmin):
    list_display = ("code", "bank", "count", "note")
    list_filter = (("bank", RelatedDropdownFilter),)
    list_select_related = ("bank",)
    search_fields = ("code", "note", "items__code")
    ordering = ("bank", "code")

    def get_urls(self) -> list[URLPattern]:
        search = self.admin_site.admin_view(BankItemsView.as_view(admin_site=self.admin_site))
        own = path("items/<int:bank_id>/", search, name="items_enemygroup_items")
        return [own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnemyGroup]:
        found: QuerySet[EnemyGroup] = super().get_queryset(request)
        return found.annotate(n_items=Count("items", distinct=True))

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        if obj is None:
            options["form"] = NewGroupForm
        elif self.has_change_permission(request, obj):
            options["form"] = GroupForm
        return super().get_form(request, obj, **options)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("bank", "code", "note")
        if self.has_change_permission(request, obj):
            return ("bank", "code", "note", "members", "reason")
        return ("bank", "code", "note", "items")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("bank", "code") if obj else ()

    def seen_values(self, row: EnemyGroup, form: Any) -> Values:
        return enemies.shown_values(row)

    def save_model(self, request: HttpRequest, obj: EnemyGroup, form: Any, change: bool) -> None:
        if not change:
            obj.pk = enemies.create_group(obj.bank, obj.code, obj.note, request.user).pk
            return
        written = form.cleaned_data
        enemies.set_enemies(
            EnemyGroup.objects.get(pk=obj.pk),
            written["members"],
            request.user,
            written["reason"],
            written["note"],
            seen_by(form),
        )

    def response_add(
        self, request: HttpRequest, obj: EnemyGroup, post_url_continue: str | None = None
    ) -> HttpResponse:
        """On to its page, where the items of its bank are chosen."""
        self.message_user(request, _("Made: now choose its items."))
        return redirect("admin:items_enemygroup_change", obj.pk)

    @column(_("items"), ordering="n_items")
    def count(self, group: Any) -> int:
        number: int = group.n_items
        return number
