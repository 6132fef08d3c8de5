"""From the named cells of one row to an `ItemRow`: the one grammar behind every format."""

import math
import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from common.names import in_one_spelling
from irt.models.parameters import usual_model
from items.authoring import code_fault
from items.content import OptionContent, RuleContent, Text
from items.exchange.rows import SLUG, ItemRow, RowFault, StimulusText, WrittenContent
from items.item_parameters import Parameters
from items.models import Status

_LANGUAGE = r"[a-z]{2,3}(?:-[A-Za-z0-9]+)*"
_PARAMETER = re.compile(r"model|metric|a|b|c|d|b[1-9][0-9]?|se_(a|b|c|d|b[1-9][0-9]?)")
_CONTENT = re.compile(
    rf"area|kind|key|expected_seconds|stimulus|(?:stem|rationale|stimulus)_{_LANGUAGE}"
    rf"|option_[1-9][0-9]?_(?:score|note|(?:term_)?{_LANGUAGE})|rule_[1-9][0-9]?_(?:lower|upper|score)"
)
_TEXT = re.compile(
    rf"(?:stem|rationale|stimulus|option_[1-9][0-9]?(?:_term)?)_(?:note|{_LANGUAGE})"
)


def known_columns() -> list[str]:
    """Columns that a misspelled one may have meant, the first of each kind."""
    texts = [
        f"{name}_{code}" for name in ("stem", "rationale", "stimulus") for code in ("en", "ko")
    ]
    options = [f"option_1_{part}" for part in ("en", "ko", "score", "note", "term_en", "term_ko")]
    rules = [f"rule_1_{part}" for part in ("lower", "upper", "score")]
    plain = ["code", "status", "enemies", "area", "kind", "key", "expected_seconds", "stimulus"]
    return [*plain, *texts, *options, *rules, "model", "se_a", "se_b", "se_b1", "se_c", "se_d"]


def is_known(column: str) -> bool:
    known = column in ("code", "status", "enemies") or _PARAMETER.fullmatch(column)
    return bool(known or is_content(column))


def is_content(column: str) -> bool:
    return _CONTENT.fullmatch(column) is not None


def is_text(column: str) -> bool:
    """Cells that people write: kept to the letter and escaped in CSV."""
    return _TEXT.fullmatch(column) is not None


class RowReader:
    """Reads one row; what is wrong with it gathers in `faults`."""

    def __init__(self, number: int, cells: Mapping[str, str]) -> None:
        self.number = number
        self.cells = cells
        self.faults: list[RowFault] = []

    def read(self, with_content: bool) -> ItemRow:
        """The row; worthless when `faults` is not empty afterwards."""
        code = in_one_spelling(self._cell("code"))
        reason = code_fault(code)
        if reason:
            self._refuse("code", reason)
        status = self._cell("status")
        if status and status not in Status.values:
            known = ", ".join(Status.values)
            self._refuse(
                "status",
                _("Unknown status “%(given)s”; known are: %(known)s.")
                % {
                    "given": status,
                    "known": known,
                },
            )
        content = self._content() if with_content else None
        return ItemRow(self.number, code, status, content, self._parameters(), self._enemies())

    def _refuse(self, column: str, reason: str) -> None:
        self.faults.append(RowFault(self.number, column, reason))

    def _cell(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def _number(self, column: str) -> float | None:
        """The finite number in the cell; None for an empty cell or one that is refused."""
        text = self._cell(column)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            self._refuse(column, _("“%s” is not a number.") % text)
            return None
        if not math.isfinite(value):
            self._refuse(column, _("“%s” is not a finite number.") % text)
            return None
        return value

    def _enemies(self) -> tuple[str, ...] | None:
        """Codes of groups between blanks; None without the column."""
        if "enemies" not in self.cells:
            return None
        codes = sorted(set(self._cell("enemies").split()))
        wrong = [code for code in codes if not SLUG.fullmatch(code)]
        if wrong:
            reason = _("“%s” cannot name a group: 1 to 50 letters, digits, hyphens, underscores.")
            self._refuse("enemies", reason % wrong[0])
        return tuple(codes)

    def _whole(self, column: str, default: int) -> int:
        text = self._cell(column)
        if not text:
            return default
        if not re.fullmatch(r"-?[0-9]{1,9}", text):
            self._refuse(column, _("“%s” is not a whole number.") % text)
            return default
        return int(text)

    def _text(self, prefix: str) -> Text:
        """{language: words} of the cells `prefix_LANGUAGE` that hold something."""
        pattern = re.compile(rf"{prefix}_({_LANGUAGE})")
        found = ((pattern.fullmatch(column), words) for column, words in self.cells.items())
        return {match[1]: words for match, words in found if match and words}

    def _count(self, prefix: str) -> int:
        """How many of `prefix_1_…`, `prefix_2_…` hold something; gaps are refused."""
        pattern = re.compile(rf"{prefix}_([1-9][0-9]?)_.+")
        found = (pattern.fullmatch(column) for column, words in self.cells.items() if words)
        numbers = {int(match[1]) for match in found if match}
        last = max(numbers, default=0)
        for number in range(1, last):
            if number not in numbers:
                self._refuse(f"{prefix}_{number}", _("This is empty, but number %s is not.") % last)
        return last

    def _content(self) -> WrittenContent:
        for column in ("area", "kind"):
            if not self._cell(column):
                self._refuse(column, _("This must be given."))
        stimulus, body = self._cell("stimulus"), self._text("stimulus")
        if body and not stimulus:
            self._refuse("stimulus", _("A passage needs a code."))
        return WrittenContent(
            area=self._cell("area"),
            kind=self._cell("kind"),
            stimulus=StimulusText(stimulus, body) if stimulus else None,
            stem=self._text("stem"),
            options=self._options(),
            rules=self._rules(),
            rationale=self._text("rationale"),
            expected_seconds=(
                self._whole("expected_seconds", default=0)
                if self._cell("expected_seconds")
                else None
            ),
        )

    def _options(self) -> tuple[OptionContent, ...]:
        count = self._count("option")
        keys = self._keys(count)
        return tuple(
            OptionContent(
                text=self._text(f"option_{number}"),
                score=self._whole(f"option_{number}_score", default=int(number in keys)),
                note=self.cells.get(f"option_{number}_note", ""),
                term=self._text(f"option_{number}_term"),
            )
            for number in range(1, count + 1)
        )

    def _keys(self, count: int) -> set[int]:
        """The options that the column `key` names; they score 1, all others 0."""
        text = self._cell("key")
        if not text:
            return set()
        if any(self._cell(f"option_{number}_score") for number in range(1, count + 1)):
            self._refuse("key", _("Give either the key or the scores of the options."))
        words = re.split(r"[\s,;]+", text)
        numbers = {int(word) for word in words if re.fullmatch(r"[1-9][0-9]?", word)}
        if len(numbers) != len(words) or max(numbers) > count:
            self._refuse(
                "key",
                _("“%(given)s” does not name options from 1 to %(count)s.")
                % {
                    "given": text,
                    "count": count,
                },
            )
        return numbers

    def _rules(self) -> tuple[RuleContent, ...]:
        return tuple(self._rule(f"rule_{n}") for n in range(1, self._count("rule") + 1))

    def _rule(self, prefix: str) -> RuleContent:
        """Without an upper bound the rule is the one number."""
        lower = self._number(f"{prefix}_lower")
        if lower is None and not self._cell(f"{prefix}_lower"):
            self._refuse(f"{prefix}_lower", _("This must be given."))
        lower = lower or 0.0
        upper = self._number(f"{prefix}_upper")
        score = self._whole(f"{prefix}_score", default=1)
        return RuleContent(lower, lower if upper is None else upper, score)

    def _parameters(self) -> Parameters | None:
        given = [name for name, cell in self.cells.items() if cell and _PARAMETER.fullmatch(name)]
        if not set(given) - {"model", "metric"}:
            return None
        before = len(self.faults)
        steps, errors = self._steps("b"), self._steps("se_b")
        a = self._number("a")
        c, d = self._number("c"), self._number("d")
        se_a, se_c, se_d = (self._number(name) for name in ("se_a", "se_c", "se_d"))
        metric = self._metric()
        if not self._cell("a"):
            self._refuse("a", _("The discrimination is missing."))
        if not steps and len(self.faults) == before:
            self._refuse("b", _("The difficulty is missing."))
        if a is None or len(self.faults) > before:
            return None
        return Parameters(
            model=self._cell("model").lower() or _usual_model(steps, c, d),
            discrimination=metric * a,
            difficulty=tuple(steps),
            lower_asymptote=c or 0.0,
            upper_asymptote=1.0 if d is None else d,
            discrimination_se=None if se_a is None else metric * se_a,
            difficulty_se=tuple(errors) or None,
            lower_asymptote_se=se_c,
            upper_asymptote_se=se_d,
        )

    def _metric(self) -> float:
        """The D that the discrimination is stated for."""
        metric = self._number("metric")
        if metric is not None and metric <= 0:
            self._refuse("metric", _("The metric must be positive."))
        return 1.0 if metric is None else metric

    def _steps(self, prefix: str) -> list[float]:
        """`b` alone, or b1, b2, … without a gap."""
        columns = [f"{prefix}{number}" for number in range(1, 100)]
        numbered = [column for column in columns if self._cell(column)]
        if self._cell(prefix) and numbered:
            self._refuse(numbered[0], _("Give either %s or numbered steps.") % prefix)
        if self._cell(prefix):
            numbered = [prefix]
        elif numbered and numbered[-1] != f"{prefix}{len(numbered)}":
            self._refuse(numbered[-1], _("An earlier step is empty."))
        return [value for value in map(self._number, numbered) if value is not None]


def _usual_model(steps: list[float], c: float | None, d: float | None) -> str:
    if len(steps) > 1:
        return usual_model(len(steps))
    has_upper = d is not None and d != 1
    return usual_model(n_asymptotes=2 if has_upper else 1 if c else 0)


def read_rows(
    numbered: Iterable[tuple[int, Mapping[str, str]]], with_content: bool
) -> tuple[list[ItemRow], list[RowFault]]:
    """Rows without a fault, and the faults of all others; a code may appear once."""
    rows: list[ItemRow] = []
    faults: list[RowFault] = []
    first: dict[str, int] = {}
    for number, cells in numbered:
        reader = RowReader(number, cells)
        row = reader.read(with_content)
        earlier = first.setdefault(row.code, number)
        if earlier != number and row.code:
            reason = _("Row %s has the same code.") % earlier
            reader.faults.append(RowFault(number, "code", reason))
        faults += reader.faults
        if not reader.faults:
            rows.append(row)
    return rows, faults
