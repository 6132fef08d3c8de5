"""All that the settings page shows and sends, as one thing."""

import json
from typing import Any

from django.http import HttpRequest

from common.admin.seen import hand_out, seen_by, take_notice
from common.edits import ChangedMeanwhile
from common.errors import DomainError
from items.areas import area_tree
from sessions.admin.settings.content import ContentForm, make_set_rows, sets_of
from sessions.admin.settings.fields import make_settings_form
from sessions.admin.settings.levels import levels_of, make_level_rows, make_prior_rows, priors_of
from sessions.admin.settings.stopping import make_rule_rows, rows_of, rule_of
from sessions.models import TestVersion
from sessions.rules.settings.declaration import Group, When
from sessions.rules.settings.groups import GROUPS
from sessions.rules.specification import shown_values

KEEP = "keep_rule"


class SettingsForms:
    """The forms of one page, bound to what was posted or showing the current version."""

    def __init__(self, request: HttpRequest, current: TestVersion, data: Any) -> None:
        bank, blueprint = current.test.bank, current.blueprint
        self.current, self.data = current, data
        self.form = make_settings_form(request, bank)(data, instance=current)
        hand_out(self.form, shown_values(current if current.pk else None))
        self.rules = make_rule_rows(data, current.stopping_rule)
        self.content = ContentForm(data, tree=area_tree(bank), blueprint=blueprint)
        self.sets = make_set_rows(data, bank, blueprint)
        self.levels = make_level_rows(data, current)
        self.priors = make_prior_rows(data, current.group_priors)
        # Sentences about what is no single field, by the setting that they are about.
        self.faults: dict[str, list[str]] = {}

    @property
    def parts(self) -> list[Any]:
        return [self.form, self.rules, self.content, self.sets, self.levels, self.priors]

    def is_valid(self) -> bool:
        return all([part.is_valid() for part in self.parts])  # noqa: C419 - each shows its faults

    @property
    def deep_rule(self) -> str:
        """The current rule as JSON where rows cannot say it, else ""."""
        rule = self.current.stopping_rule
        return json.dumps(rule, indent=2) if rows_of(rule) is None else ""

    @property
    def keeps_rule(self) -> bool:
        return bool(self.deep_rule) and (self.data is None or KEEP in self.data)

    @property
    def values(self) -> dict[str, Any]:
        """The settings as `create_test_version` takes them."""
        sets = sets_of(self.sets.filled)
        rule = self.current.stopping_rule if self.keeps_rule else rule_of(self.rules.filled)
        return {
            **{name: self.form.cleaned_data[name] for name in self.form.Meta.fields},
            "stopping_rule": rule,
            "blueprint": self.content.blueprint | ({"sets": sets} if sets else {}),
            "group_priors": priors_of(self.priors.filled),
            **levels_of(self.levels.filled),
        }

    @property
    def seen(self) -> str | None:
        return seen_by(self.form)

    def tell(self, error: DomainError) -> None:
        """Put each sentence of a refusal where its setting is."""
        if isinstance(error, ChangedMeanwhile):
            take_notice(self.form, error)
            return
        named = error.detail.get("fields", {})
        for name, sentences in named.items():
            if name in self.form.fields:
                self.form.add_error(name, sentences)
            else:
                self.faults[name] = sentences
        if not named:
            self.form.add_error(None, error.message)

    @property
    def groups(self) -> list[tuple[Group, list[tuple[Any, When | None]]]]:
        """Each group with its fields and when each of them matters."""
        return [
            (group, [(self.form[setting.name], setting.when) for setting in group.fields])
            for group in GROUPS
        ]

    @property
    def form_faults(self) -> list[str]:
        """Everything that cannot even be read, in one sentence each, for the preview."""
        told = [
            f"{self.form.fields[name].label if name in self.form.fields else ''}: {error}".lstrip(
                ": "
            )
            for name, errors in self.form.errors.items()
            for error in errors
        ]
        for field in self.content:
            told += [f"{field.label}: {error}" for error in field.errors]
        for rows in (self.rules, self.sets, self.levels, self.priors):
            told += rows.non_form_errors()
            for row in rows:
                told += [
                    f"{row[name].label}: {e}"
                    for name, es in row.errors.items()
                    if name in row.fields
                    for e in es
                ]
        return [str(sentence) for sentence in told]
