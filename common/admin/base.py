"""What the admin pages of every floor share: rows nobody deletes, pages, acts and their errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanWidget

from common.admin.seen import hand_out, seen_by, take_notice
from common.audit import record
from common.edits import ChangedMeanwhile, Values, lock_as_seen, row_values
from common.errors import DomainError

View = Callable[..., HttpResponse]
# A page beyond Django's own five: address, name, view.
Page = tuple[str, str, View]
Method = TypeVar("Method", bound=Callable[..., Any])
AnyModel = TypeVar("AnyModel", bound=Model)


class EditAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold ships no annotations
    """Rows that several people edit: the form of a row carries a token of what it showed.

    A domain error of a save becomes an error of the form, which keeps what was typed.
    """

    change_form_before_template = "components/seen.html"

    def edited_names(self, form: Any) -> list[str]:
        """The columns and lists of the model that the form edits."""
        fields = {field.name for field in (*self.opts.fields, *self.opts.many_to_many)}
        edited = form.base_fields.items()
        return [name for name, field in edited if name in fields and not field.disabled]

    def seen_values(self, row: Any, form: Any) -> Values:
        """What the form of a row shows, by which a change of somebody else is known."""
        return row_values(row, self.edited_names(form))

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Once more, with the reason in the form, where a save is refused.

        The database refuses what somebody else took after the form had looked; looking again finds
        it.
        """
        try:
            response: HttpResponse = super().changeform_view(request, *args, **options)
        except DomainError as error:
            request.refusal = error  # type: ignore[attr-defined]  # for `get_form`
            response = super().changeform_view(request, *args, **options)
        except IntegrityError:
            response = super().changeform_view(request, *args, **options)
        return response

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        form = super().get_form(request, obj, **options)
        about = {"own_admin": self, "refusal": getattr(request, "refusal", None)}
        return type(form.__name__, (SeeingForm, form), about)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write the row under its lock, if it is as the form showed it. Raises ChangedMeanwhile."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        names = self.edited_names(type(form))
        lists = {field.name for field in self.opts.many_to_many} & set(names)
        after = row_values(obj, names)
        after |= {name: sorted(str(o.pk) for o in form.cleaned_data[name]) for name in lists}
        before = lock_as_seen(obj, names, seen_by(form), after)
        super().save_model(request, obj, form, change)
        changed = [name for name in names if before[name] != after[name]]
        if changed:
            record(request.user, "change", obj, fields=changed)


class SeeingForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What `EditAdmin` adds to the form of a row."""

    own_admin: EditAdmin
    refusal: DomainError | None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance._state.adding:
            hand_out(self, self.own_admin.seen_values(self.instance, type(self)))

    def full_clean(self) -> None:
        super().full_clean()
        if self.refusal is not None and self.is_bound:
            refuse(self, self.refusal)


class KeptAdmin(EditAdmin):
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
        refuse(form, error)


def refuse(form: Any, error: DomainError) -> None:
    """Put a domain error into `form`, at the fields that it names."""
    if isinstance(error, ChangedMeanwhile):
        take_notice(form, error)
        return
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
