"""The audit trail, to be read."""

from django.contrib import admin
from unfold.contrib.filters.admin import AllValuesCheckboxFilter

from items.admin.base import ReadOnlyAdmin
from items.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor_name", "act", "object_label", "reason")
    list_filter = (("act", AllValuesCheckboxFilter), ("object_type", AllValuesCheckboxFilter))
    search_fields = ("object_label", "reason", "actor_name")
    ordering = ("-at",)
    fields = ("at", "actor_name", "act", "object_type", "object_label", "reason", "detail")
