"""Addresses of the pages outside the administration."""

from django.urls import path

from sessions import pages, teaching

urlpatterns = [
    path("", pages.home, name="home"),
    path("tests/<slug:slug>/", pages.StartPage.as_view(), name="start"),
    path("sessions/", teaching.session_list, name="session-list"),
    path("sessions/<uuid:session_id>/", pages.session, name="session"),
    path("sessions/<uuid:session_id>/result/", pages.result, name="result"),
    path("sessions/<uuid:session_id>/course/", teaching.session_detail, name="session-detail"),
    path("invite/", teaching.invite, name="invite"),
    path("t/<str:secret>", pages.ticket, name="ticket"),
]
