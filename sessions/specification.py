"""How a test is delivered: a change is always a new version."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from items.audit import record
from items.errors import InvalidInput
from sessions.models import Test, TestVersion

NOT_SETTINGS = {"id", "test", "number", "created_by", "created_at"}
SETTINGS = {field.name for field in TestVersion._meta.fields} - NOT_SETTINGS

# What a violated constraint of TestVersion means to the person who sets the test up.
SENTENCES = {
    "sessions_lengths_ordered": gettext_lazy(
        "The lengths must satisfy 1 ≤ fewest items ≤ most items ≤ 500."
    ),
    "sessions_randomesque_from_one": gettext_lazy("Draw among at least 1 item; 1 = the best."),
    "sessions_prior_sd_positive": gettext_lazy("The prior SD must be a positive, finite number."),
    "sessions_prior_mean_finite": gettext_lazy("The prior mean must be a finite number."),
    "sessions_scale_finite": gettext_lazy(
        "The reporting scale needs a finite mean and a positive, finite SD."
    ),
    "sessions_time_limit_at_least_30_s": gettext_lazy(
        "The time limit must be at least 30 seconds, or empty."
    ),
    "sessions_window_ordered": gettext_lazy("The test must open before it closes."),
    "sessions_rules_known": gettext_lazy("The estimator, selection or omitting is not known."),
}


@transaction.atomic
def create_test_version(test: Test, actor: Any, **settings: Any) -> TestVersion:
    """The test's next version; settings not given have their defaults. New sessions use it.

    Locks the test. Raises InvalidInput with one sentence a fault; nothing is written then.
    """
    Test.objects.select_for_update().get(pk=test.pk)
    current = test.current_version
    version = TestVersion(test=test, number=current.number + 1 if current else 1, created_by=actor)
    for name in sorted(settings.keys() & SETTINGS):
        setattr(version, name, settings[name])
    faults = _unknown(settings) or _faults(version)
    if faults:
        message = _("The test version cannot be made: %(faults)s") % {"faults": " ".join(faults)}
        raise InvalidInput("invalid_test_version", message, faults=faults)
    version.save(force_insert=True)
    record(actor, "create_test_version", version)
    return version


def _unknown(settings: dict[str, Any]) -> list[str]:
    return [
        _("There is no setting “%(name)s”.") % {"name": name}
        for name in sorted(settings.keys() - SETTINGS)
    ]


def _faults(version: TestVersion) -> list[str]:
    """What is wrong with the fields, else which rules of the database they break."""
    try:
        version.clean_fields(exclude=NOT_SETTINGS)
    except ValidationError as error:
        return [
            f"{TestVersion._meta.get_field(name).verbose_name}: {' '.join(messages)}"  # type: ignore[union-attr]  # settings are concrete fields
            for name, messages in error.message_dict.items()
        ]
    return [str(sentence) for name, sentence in SENTENCES.items() if _violates(version, name)]


def _violates(version: TestVersion, name: str) -> bool:
    (constraint,) = (rule for rule in TestVersion._meta.constraints if rule.name == name)
    try:
        constraint.validate(TestVersion, version)
    except ValidationError:
        return True
    return False
