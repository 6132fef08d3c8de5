"""Forms as the test page sends them."""

from typing import Any

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict


def posted(**fields: list[str]) -> Any:
    data = QueryDict(mutable=True)
    data.update(MultiValueDict(fields))
    return data
