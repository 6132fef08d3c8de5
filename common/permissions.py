"""What a caller must be allowed; who is refused gets 403 from a page as from an API."""

from typing import Protocol

from django.core.exceptions import PermissionDenied


class Holder(Protocol):
    """A user, or whoever else stands for one."""

    def has_perm(self, permission: str, /) -> bool: ...


def require_any(holder: Holder, *permissions: str) -> None:
    """Raise PermissionDenied unless the holder has one of the permissions."""
    if not any(holder.has_perm(permission) for permission in permissions):
        raise PermissionDenied


def require_all(holder: Holder, *permissions: str) -> None:
    """Raise PermissionDenied unless the holder has every one of the permissions."""
    if not all(holder.has_perm(permission) for permission in permissions):
        raise PermissionDenied
