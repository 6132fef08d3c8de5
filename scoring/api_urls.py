"""Addresses of the calibration API, version 1."""

from django.urls import path

from scoring import api

urlpatterns = [
    path("calibration-runs", api.RunList.as_view(), name="api-runs"),
    path("calibration-runs/<int:run_id>", api.RunDetail.as_view(), name="api-run"),
    path("calibration-runs/<int:run_id>/cancel", api.RunCancellation.as_view(), name="api-cancel"),
    path("calibration-runs/<int:run_id>/publish", api.RunPublication.as_view(), name="api-publish"),
]
