"""What a release says of its items beside their parameters, as arrays in the order of its rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from items.models import BankRelease, ContentArea, Option, in_language
from items.words import count_words

Text = dict[str, str]


def area_masks(bank_id: int, area_ids: IntArray) -> dict[str, BoolArray]:
    """{area code: (J,) items of the area and of those below it}, areas without items included.

    One query; area_ids (J,). Stays true of a published release: the areas that it uses stay in
    their places.
    """
    areas = ContentArea.objects.filter(bank=bank_id).order_by("code")
    below = areas.subtrees()
    return {area.code: np.isin(area_ids, list(below[area.pk])) for area in areas}


def enemy_matrix(groups: Sequence[Iterable[str]]) -> BoolArray | None:
    """(J, J) symmetric, True where two different items share a group; None where none do.

    groups: the codes of each item's groups.
    """
    members: defaultdict[str, list[int]] = defaultdict(list)
    for index, codes in enumerate(groups):
        for code in codes:
            members[code].append(index)
    matrix = np.zeros((len(groups), len(groups)), dtype=bool)
    for indices in members.values():
        matrix[np.ix_(indices, indices)] = True
    np.fill_diagonal(matrix, False)
    return matrix if matrix.any() else None


def word_counts(release: BankRelease, stems: dict[int, Text]) -> FloatArray:
    """(J,) words of stem, options and terms, in the bank's first language, without the passage.

    stems: {item version id: stem}, in order. One query, and one for the bank.
    """
    language = next(iter(release.bank.languages), "en")
    words = {version: count_words(in_language(stem, language)) for version, stem in stems.items()}
    options = Option.objects.filter(item_version__released__release=release).order_by()
    for version, *texts in options.values_list("item_version_id", "text", "term"):
        words[version] += sum(count_words(in_language(text, language)) for text in texts)
    return np.array([words[version] for version in stems], dtype=float)
