"""Forms as the test page sends them."""

from typing import Any

from django.http import QueryDict


def posted(**fields: list[str]) -> Any:
    data = QueryDict(mutable=True)
    for name, values in fields.items():
        data.setlist(name, values)
    return data
