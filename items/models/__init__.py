"""Django finds models here; each kind lives in its own module."""

from common.audit import AuditEntry
from items.models.banks import Bank, BankRelease
from items.models.content import (
    LONGEST_SECONDS,
    ContentArea,
    EnemyGroup,
    Item,
    ItemVersion,
    NumericRule,
    Option,
    ResponseKind,
    Status,
    Stimulus,
    in_language,
)
from items.models.releases import ReleasedItem, Role

__all__ = [
    "LONGEST_SECONDS",
    "AuditEntry",
    "Bank",
    "BankRelease",
    "ContentArea",
    "EnemyGroup",
    "Item",
    "ItemVersion",
    "NumericRule",
    "Option",
    "ReleasedItem",
    "ResponseKind",
    "Role",
    "Status",
    "Stimulus",
    "in_language",
]
