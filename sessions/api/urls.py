"""Addresses of the delivery API, version 1."""

from django.urls import path

from sessions.api import views

urlpatterns = [
    path("tests", views.TestList.as_view(), name="api-tests"),
    path("sessions", views.SessionList.as_view(), name="api-sessions"),
    path("sessions/<uuid:session_id>", views.SessionDetail.as_view(), name="api-session"),
    path("sessions/<uuid:session_id>/item", views.DueItem.as_view(), name="api-item"),
    path("sessions/<uuid:session_id>/responses", views.Responses.as_view(), name="api-responses"),
    path("sessions/<uuid:session_id>/finish", views.Finish.as_view(), name="api-finish"),
    path("sessions/<uuid:session_id>/report", views.ReportDetail.as_view(), name="api-report"),
    path("tickets", views.TicketList.as_view(), name="api-tickets"),
    path("tickets/redeem", views.TicketRedemption.as_view(), name="api-redeem"),
]
