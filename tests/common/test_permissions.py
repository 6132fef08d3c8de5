import pytest
from django.core.exceptions import PermissionDenied

from common.permissions import require_all, require_any


class Holder:
    def has_perm(self, permission):
        return permission in ("read", "write")


def test_any_of_the_permissions_will_do():
    require_any(Holder(), "delete", "write")
    with pytest.raises(PermissionDenied):
        require_any(Holder(), "delete", "publish")
    with pytest.raises(PermissionDenied):
        require_any(Holder())


def test_all_of_the_permissions_are_needed():
    require_all(Holder(), "read", "write")
    require_all(Holder())
    with pytest.raises(PermissionDenied):
        require_all(Holder(), "read", "delete")
