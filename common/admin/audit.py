"""The audit trail, to be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AllValuesCheckboxFilter

from common.admin.base import ReadOnlyAdmin, column
from common.audit import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor_name", "done", "object_label", "reason")
    list_filter = (("act", AllValuesCheckboxFilter), ("object_type", AllValuesCheckboxFilter))
    search_fields = ("object_label", "reason", "actor_name")
    ordering = ("-at",)
    fields = ("at", "actor_name", "done", "object_type", "object_label", "reason", "detail")
    readonly_fields = ("done",)

    @column(_("act"), ordering="act")
    def done(self, entry: AuditEntry) -> str:
        return entry.act_name
