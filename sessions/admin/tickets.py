"""Tickets: who was invited to what. The page /invite/ makes them and shows the link once."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter

from common.admin.base import KeptAdmin
from sessions.models import Ticket


@admin.register(Ticket)
class TicketAdmin(KeptAdmin):
    list_display = ("examinee", "test", "created_by", "created_at", "expires_at", "used_at")
    list_filter = (("test", RelatedDropdownFilter),)
    list_select_related = ("examinee", "test", "created_by")
    search_fields = ("examinee__external_id", "examinee__display_name")
    search_help_text = _("Examinee")
    ordering = ("-created_at",)
    fields = ("examinee", "test", "created_by", "created_at", "expires_at", "used_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        return redirect("invite")
