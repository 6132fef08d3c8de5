"""Addresses of the pages outside the administration."""

from django.urls import path

from sessions.pages import student, teacher

urlpatterns = [
    path("", student.home, name="home"),
    path("tests/<slug:slug>/", student.StartPage.as_view(), name="start"),
    path("sessions/", teacher.session_list, name="session-list"),
    path("sessions/<uuid:session_id>/", student.session, name="session"),
    path("sessions/<uuid:session_id>/result/", student.result, name="result"),
    path("sessions/<uuid:session_id>/course/", teacher.session_detail, name="session-detail"),
    path("invite/", teacher.invite, name="invite"),
    path("t/<str:secret>", student.ticket, name="ticket"),
]
