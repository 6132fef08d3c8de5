"""Items in the admin: the list, and own pages in place of Django's form."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from items.admin.item_acts import act_page
from items.admin.item_edit import edit_page, new_page
from items.admin.item_list import ItemListAdmin
from items.admin.item_pages import history_page, item_page, preview_page
from items.admin.item_parameters import curve_fragment, parameters_page
from items.models import Item


@admin.register(Item)
class ItemAdmin(ItemListAdmin):
    pages = (
        ("<int:item_id>/edit/", "edit", edit_page),
        ("<int:item_id>/parameters/", "parameters", parameters_page),
        ("<int:item_id>/parameters/curve/", "curve", curve_fragment),
        ("<int:item_id>/act/<slug:name>/", "act", act_page),
        ("<int:item_id>/preview/<int:number>/<slug:language>/", "preview", preview_page),
    )

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponse:
        return item_page(request, object_id)

    def add_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        return new_page(request)

    def history_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponse:
        return history_page(request, object_id)
