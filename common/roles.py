"""What each role may do. Roles are Django groups; migrations of scoring grant them from here.

Students need no role: being an examinee is enough.
"""

from typing import Any

AUTHOR, OPERATOR, TEACHER, ADMIN = "author", "operator", "teacher", "admin"

_BANK_CONTENT = ("bank", "contentarea", "stimulus", "enemygroup", "item", "itemversion")
_SEE_BANK = (
    *(f"items.view_{model}" for model in _BANK_CONTENT),
    "items.view_bankrelease",
    "items.view_releaseditem",
    "items.view_auditentry",
)
_SEE_DELIVERY = tuple(
    f"cat_sessions.view_{model}"
    for model in ("examinee", "examineegroup", "test", "testversion", "session", "response")
)
_SCHEDULES = tuple(
    f"django_celery_beat.{verb}_{model}"
    for verb in ("view", "add", "change", "delete")
    for model in ("periodictask", "crontabschedule", "intervalschedule")
)

PERMISSIONS: dict[str, tuple[str, ...]] = {
    AUTHOR: (
        *_SEE_BANK,
        *(f"items.{verb}_{model}" for verb in ("add", "change") for model in _BANK_CONTENT[1:]),
        "items.edit_parameters",
        "items.publish_bankrelease",
        "items.retire_item",
        "items.withdraw_item",
    ),
    OPERATOR: (
        *_SEE_BANK,
        *_SEE_DELIVERY,
        "items.publish_bankrelease",
        "items.withdraw_item",
        "cat_sessions.add_test",
        "cat_sessions.change_test",
        "cat_sessions.add_testversion",
        "cat_sessions.view_normgroup",
        "cat_sessions.add_normgroup",
        "cat_sessions.view_simulation",
        "cat_sessions.add_simulation",
        "cat_sessions.change_simulation",
        "cat_sessions.add_examinee",
        "cat_sessions.change_examinee",
        "cat_sessions.add_examineegroup",
        "cat_sessions.change_examineegroup",
        "cat_sessions.view_ticket",
        "cat_sessions.add_ticket",
        "cat_sessions.add_session",
        "cat_sessions.change_session",
        "scoring.view_calibrationrun",
        "scoring.add_calibrationrun",
        "scoring.change_calibrationrun",
        *_SCHEDULES,
    ),
    TEACHER: ("cat_sessions.add_ticket",),
}

ADMIN_APPS = ("items", "cat_sessions", "scoring", "django_celery_beat", "auth", "knox")


def grant_roles(apps: Any) -> None:
    """Create or refresh the role groups; `apps` is a registry, live or a migration's."""
    group_model = apps.get_model("auth", "Group")
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in apps.get_model("auth", "Permission").objects.select_related(
            "content_type"
        )
    }
    for role, names in PERMISSIONS.items():
        group, _ = group_model.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in names])
    everything = [p for name, p in known.items() if name.split(".")[0] in ADMIN_APPS]
    group, _ = group_model.objects.get_or_create(name=ADMIN)
    group.permissions.set(everything)
