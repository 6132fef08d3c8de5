"""Addresses of the delivery API, version 1."""

from django.urls import path

from sessions import api

urlpatterns = [
    path("tests", api.TestList.as_view(), name="api-tests"),
    path("sessions", api.SessionList.as_view(), name="api-sessions"),
    path("sessions/<uuid:session_id>", api.SessionDetail.as_view(), name="api-session"),
    path("sessions/<uuid:session_id>/item", api.DueItem.as_view(), name="api-item"),
    path("sessions/<uuid:session_id>/responses", api.Responses.as_view(), name="api-responses"),
    path("sessions/<uuid:session_id>/finish", api.Finish.as_view(), name="api-finish"),
    path("sessions/<uuid:session_id>/report", api.ReportDetail.as_view(), name="api-report"),
    path("tickets", api.TicketList.as_view(), name="api-tickets"),
    path("tickets/redeem", api.TicketRedemption.as_view(), name="api-redeem"),
]
