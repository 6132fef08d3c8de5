"""How a test is delivered: a change is always a new version."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common.audit import record
from common.edits import Account, Standing, Values, changed_names, require_seen
from common.errors import InvalidInput
from sessions.models import Test, TestVersion
from sessions.rules.contradictions import contradictions
from sessions.rules.settings.declaration import Setting, SettingFault
from sessions.rules.settings.groups import SETTINGS

NOT_SETTINGS = {field.name for field in TestVersion._meta.fields} - SETTINGS.keys()


@transaction.atomic
def create_test_version(
    test: Test, actor: Any, seen: str | None = None, /, **settings: Any
) -> TestVersion:
    """The test's next version; settings not given have their defaults. New sessions use it.

    Locks the test. Raises InvalidInput with one sentence a fault, `detail["fields"]` by setting,
    and ChangedMeanwhile where the newest version is not the one that was `seen`; nothing is written
    then.
    """
    Test.objects.select_for_update().get(pk=test.pk)
    current = test.current_version
    require_seen(seen, shown_values(current), lambda _names: _account(test, seen))
    version = unsaved_version(test, settings)
    version.number, version.created_by = current.number + 1 if current else 1, actor
    faults = _unknown_settings(settings) or version_faults(version)
    if faults:
        raise _refusal(faults)
    version.save(force_insert=True)
    record(actor, "create_test_version", version)
    return version


def shown_values(version: TestVersion | None) -> Values:
    """What the page of the settings shows, by which a later version is known."""
    return {"version": (version and version.number) or 0}


def _account(test: Test, seen: str | None) -> Account:
    """Who wrote the newest version, and the settings in which it differs from the one seen."""
    newest, *earlier = test.newest_versions
    before = next((v for v in earlier if not changed_names(seen or "", shown_values(v))), None)
    changed = [
        Standing(_label(name), str(getattr(newest, name)))
        for name in SETTINGS
        if before is not None and getattr(before, name) != getattr(newest, name)
    ]
    by = newest.created_by.get_username() if newest.created_by else ""
    return Account(by, newest.created_at, changed)


def unsaved_version(test: Test, settings: dict[str, Any]) -> TestVersion:
    """A version with these settings, for looking at; it may be wrong, see `version_faults`."""
    version = TestVersion(test=test, number=0)
    for name in sorted(settings.keys() & SETTINGS.keys()):
        setattr(version, name, settings[name])
    return version


def _refusal(faults: list[SettingFault]) -> InvalidInput:
    fields: dict[str, list[str]] = {}
    for field, sentence in faults:
        fields.setdefault(field, []).append(sentence)
    sentences = [fault.sentence for fault in faults]
    message = _("The test version cannot be made: %(faults)s") % {"faults": " ".join(sentences)}
    return InvalidInput("invalid_test_version", message, faults=sentences, fields=fields)


def _unknown_settings(settings: dict[str, Any]) -> list[SettingFault]:
    return [
        SettingFault(name, _("There is no setting “%(name)s”.") % {"name": name})
        for name in sorted(settings.keys() - SETTINGS.keys())
    ]


def version_faults(version: TestVersion) -> list[SettingFault]:
    """What is wrong with an unsaved version; each kind is looked for where those before are fine.

    The kinds: fields; rules of the database and what else is wrong in itself, in the order of the
    settings; contradictions with the bank's current release. Before the bank's first release there
    is nothing to contradict; such a test cannot be opened.
    """
    faults = _field_faults(version)
    if faults:
        return faults
    faults = [
        SettingFault(name, sentence)
        for name, setting in SETTINGS.items()
        for sentence in _check_setting(setting, version)
    ]
    release = version.test.bank.current_release
    return faults or (contradictions(version, release) if release else [])


def _field_faults(version: TestVersion) -> list[SettingFault]:
    try:
        version.clean_fields(exclude=NOT_SETTINGS)
    except ValidationError as error:
        return [
            SettingFault(name, f"{_label(name)}: {' '.join(messages)}")
            for name, messages in error.message_dict.items()
        ]
    return []


def _label(name: str) -> str:
    return str(TestVersion._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # settings are concrete fields


def _check_setting(setting: Setting, version: TestVersion) -> Iterator[str]:
    for constraint, sentence in setting.rules:
        if _violates(version, constraint):
            yield str(sentence)
    if setting.find_faults:
        yield from setting.find_faults(version)


def _violates(version: TestVersion, name: str) -> bool:
    (constraint,) = (rule for rule in TestVersion._meta.constraints if rule.name == name)
    try:
        constraint.validate(TestVersion, version)
    except ValidationError:
        return True
    return False
