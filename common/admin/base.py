"""What the admin pages of every floor share: rows nobody deletes, pages, acts and their errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanWidget

from common.errors import DomainError

View = Callable[..., HttpResponse]
# A page beyond Django's own five: address, name, view.
Page = tuple[str, str, View]
Method = TypeVar("Method", bound=Callable[..., Any])
AnyModel = TypeVar("AnyModel", bound=Model)


class KeptAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold ships no annotations
    """Rows that nobody deletes in the admin; `pages` adds addresses below the model's own."""

    actions = None
    list_filter_submit = True
    list_per_page = 50
    pages: tuple[Page, ...] = ()

    def get_pages(self) -> tuple[Page, ...]:
        return self.pages

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(address, self.admin_site.admin_view(view), name=f"{name}_{page}")
            for address, page, view in self.get_pages()
        ]
        return own + list(super().get_urls())


class ReadOnlyAdmin(KeptAdmin):
    """Rows that are only looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def column(
    title: Any, *, ordering: str | None = None, label: dict[Any, str] | None = None
) -> Callable[[Method], Method]:
    """A computed column of a list: Unfold's `display`, with types."""
    decorate: Callable[[Method], Method] = display(
        description=title, ordering=ordering, label=label
    )
    return decorate


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the body of a POST, however empty, and nothing otherwise."""
    return request.POST if request.method == "POST" else None


def find(rows: QuerySet[AnyModel], key: Any) -> AnyModel:
    """The row with this key; Http404 also for a key that cannot be one."""
    try:
        return rows.get(pk=key)
    except (ObjectDoesNotExist, ValueError, ValidationError):
        raise Http404 from None


def render_page(
    request: HttpRequest, template: str, title: str, about: Any = None, **context: Any
) -> TemplateResponse:
    """An admin page in the site's frame; `about` is the row (or model) of its breadcrumbs."""
    frame = admin.site.each_context(request) | {"title": title}
    if about is not None:
        frame |= {"opts": about._meta, "original": about if isinstance(about, Model) else None}
    return TemplateResponse(request, template, frame | context)


@contextmanager
def errors_on(form: forms.BaseForm) -> Iterator[None]:
    """A domain error raised inside becomes an error of `form`, at the fields that it names."""
    try:
        yield
    except DomainError as error:
        named = error.detail.get("fields", {})
        here = {name: fault for name, fault in named.items() if name in form.fields}
        elsewhere = [fault for name, fault in named.items() if name not in form.fields]
        for name, fault in here.items():
            form.add_error(name, fault)
        for fault in elsewhere if named else [error.message]:
            form.add_error(None, fault)


def tell(request: HttpRequest, act: Callable[[], Any], done: str) -> bool:
    """Run `act`; say `done`, or the sentence of the domain error that refused it."""
    try:
        act()
    except DomainError as error:
        messages.error(request, error.message)
        return False
    messages.success(request, done)
    return True


class ReasonForm(forms.Form):
    """Why an act is done and, for grave ones, a tick that it is meant."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )
    confirmed = forms.BooleanField(
        label=_("I have read what this does and mean it"), widget=UnfoldBooleanWidget
    )

    def __init__(
        self, *args: Any, needs_reason: bool = True, confirm: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        if not needs_reason:
            del self.fields["reason"]
        if not confirm:
            del self.fields["confirmed"]
