"""Composes the addresses of every floor."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from sessions.pages.student import SignOut

urlpatterns = [
    path(
        "accounts/login/",
        auth_views.LoginView.as_view(redirect_authenticated_user=True),
        name="login",
    ),
    path("accounts/logout/", SignOut.as_view(), name="logout"),
    # Browsers ask for it wherever a page names no icon of its own, as in admin.
    path("favicon.ico", RedirectView.as_view(url=static("img/logo.svg"))),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(), name="api-docs"),
    path("api/v1/", include("sessions.api.urls")),
    path("api/v1/", include("scoring.api_urls")),
    path("", include("sessions.pages.urls")),
]

handler404 = "irtcat_site.errors.page_not_found"
