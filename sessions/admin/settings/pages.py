"""The settings page of a test, and the preview of settings that are not saved yet."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.admin.base import posted, render_page
from common.errors import DomainError
from common.permissions import require_all
from irt.policy.policy import ExposureMethod
from sessions.admin.settings.whole import SettingsForms
from sessions.models import Session, Test, TestVersion
from sessions.rules.specification import create_test_version, unsaved_version, version_faults
from sessions.simulation.preview import preview
from sessions.simulation.preview_picture import error_figure, length_figure

PERMISSIONS = ("cat_sessions.view_test", "cat_sessions.add_testversion")
REASONS = dict(Session.StopReason.choices)


def settings_page(request: HttpRequest, test_id: int) -> HttpResponse:
    """The newest version's settings in forms; saving writes the next version.

    Without JavaScript, `act=preview` shows the page again with the preview of what was posted.
    """
    require_all(request.user, *PERMISSIONS)
    test = get_object_or_404(Test.objects.select_related("bank"), pk=test_id)
    forms = _forms(request, test)
    shown: dict[str, Any] = {}
    if request.method == "POST" and request.POST.get("act") == "preview":
        shown = preview_of(forms)
    elif forms.form.is_bound and forms.is_valid():
        try:
            version = create_test_version(test, request.user, forms.seen, **forms.values)
        except DomainError as error:
            forms.tell(error)
        else:
            messages.success(request, _("Saved: %(version)s.") % {"version": version})
            return redirect("admin:cat_sessions_test_change", test.pk)
    return render_page(
        request,
        "sessions/admin/settings.html",
        _("Settings of %(test)s") % {"test": test},
        about=test,
        forms=forms,
        is_refused=forms.form.is_bound and not shown,
        back=reverse("admin:cat_sessions_test_change", args=[test.pk]),
        **shown,
    )


@require_POST
def preview_page(request: HttpRequest, test_id: int) -> HttpResponse:
    """What the posted settings would do, as a fragment of the settings page; nothing is written."""
    require_all(request.user, *PERMISSIONS)
    test = get_object_or_404(Test.objects.select_related("bank"), pk=test_id)
    shown = preview_of(_forms(request, test))
    return render(request, "sessions/admin/parts/preview.html", shown)


def _forms(request: HttpRequest, test: Test) -> SettingsForms:
    return SettingsForms(request, test.current_version or TestVersion(test=test), posted(request))


def preview_of(forms: SettingsForms) -> dict[str, Any]:
    """Context of the preview: what is wrong, or the expected lengths with their pictures."""
    if not forms.is_valid():
        return {"is_previewed": True, "preview_faults": forms.form_faults}
    version = unsaved_version(forms.current.test, forms.values)
    faults = [fault.sentence for fault in version_faults(version)]
    release = version.test.bank.current_release
    if faults or release is None:
        return {"is_previewed": True, "preview_faults": faults}
    found = preview(version, release)
    return {
        "is_previewed": True,
        "preview": found,
        "rows": [(row, REASONS[row.stop_reason]) for row in found.rows],
        "figures": [length_figure(found.rows, version.max_items), error_figure(found.rows)],
        "is_controlled": version.exposure_method != ExposureMethod.NONE
        or version.cap_rate is not None,
    }
