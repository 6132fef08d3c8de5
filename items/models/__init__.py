"""Django finds models here; each kind lives in its own module."""

from items.models.audit import AuditEntry
from items.models.content import (
    Bank,
    ContentArea,
    Item,
    ItemVersion,
    NumericRule,
    Option,
    ResponseKind,
    Status,
    Stimulus,
    in_language,
)
from items.models.releases import BankRelease, ModelName, ReleasedItem, Role
from items.models.run import Run, RunQuerySet, run_constraints

__all__ = [
    "AuditEntry",
    "Bank",
    "BankRelease",
    "ContentArea",
    "Item",
    "ItemVersion",
    "ModelName",
    "NumericRule",
    "Option",
    "ReleasedItem",
    "ResponseKind",
    "Role",
    "Run",
    "RunQuerySet",
    "Status",
    "Stimulus",
    "in_language",
    "run_constraints",
]
