"""Which items and persons of the responses hang together, and by how much.

Blocks without a person or an item in common are put on one scale by nothing but the assumption that
their persons are alike. So are, nearly, blocks that hang by a thread: fewer than three items or
thirty persons. Items that are anchored hang together.

A thread of persons is found by joining all items that thirty persons have answered in pairs, and a
thread of items as a separating pair of the graph whose edges are the pairs of items with a person:
a set of items that no two items can separate grows by every item with three neighbors in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from irt.arrays import BoolArray, IntArray
from irt.responses import Responses

# Of each item the number of its part or cluster.
Labels = NDArray[np.signedinteger[Any]]

FEWEST_ITEMS, FEWEST_PERSONS = 3, 30
# A block has at least so many items, and persons who answered no others; less is no block.
_LEAST = 2
# Where so many persons, of more, show everything linked, the others cannot unlink it.
_SAMPLE = 20_000
# Data in more pieces than this are no blocks that could be told apart.
_MOST_PIECES = 100


@dataclass(frozen=True, eq=False)
class Block:
    """Items that are linked with one another and with no others, and how many answered them."""

    items: IntArray
    n_persons: int


@dataclass(frozen=True, eq=False)
class Tie:
    """What holds a block to the other items: few common items, or few persons who answered both.

    items, persons  of the block alone
    common_items, common_persons  one of them is empty
    is_one_sided    the common persons have only the lowest or only the highest scores on one side
    """

    items: IntArray
    persons: IntArray
    common_items: IntArray
    common_persons: IntArray
    is_one_sided: bool = False


@dataclass(frozen=True, eq=False)
class Linkage:
    """blocks are all of them, the largest first; ties those that are too weak to hold one."""

    blocks: tuple[Block, ...] = ()
    ties: tuple[Tie, ...] = ()

    @property
    def is_linked(self) -> bool:
        return len(self.blocks) < 2


def find_linkage(responses: Responses, anchored: BoolArray, usable: BoolArray) -> Linkage:
    """Of the items that `usable` (J,) marks and somebody answered.

    Those that `anchored` (J,) marks hang together.
    """
    answered = np.logical_or.reduceat(responses.category_counts() > 0.5, responses.offsets[:-1])
    used = np.flatnonzero(answered & usable)
    n_persons = responses.n_persons
    if n_persons > 2 * _SAMPLE:
        some = responses.take(np.arange(0, n_persons, n_persons // _SAMPLE))
        found = _Data.of(some, used, anchored).linkage()
        if found.is_linked and not found.ties and len(found.blocks[0].items) == len(used):
            return Linkage((Block(used, n_persons),))
    return _Data.of(responses, used, anchored).linkage()


@dataclass(frozen=True, eq=False)
class _Data:
    """answered, above and below (M, U) mark answers to the used items.

    above the lowest score, and below the highest; the first n_persons rows are persons, the others
    stand for the anchors.
    """

    items: IntArray
    answered: sparse.csr_array
    above: sparse.csr_array
    below: sparse.csr_array
    n_persons: int

    @classmethod
    def of(cls, responses: Responses, used: IntArray, anchored: BoolArray) -> "_Data":
        person, item, score = responses.long()
        place = np.full(responses.n_items, -1)
        place[used] = np.arange(len(used))
        kept = place[item] >= 0
        person, own, score = person[kept], place[item[kept]], score[kept]
        top = responses.n_categories[used][own] - 1
        held = place[np.flatnonzero(anchored)]
        held = held[held >= 0]
        extra = np.repeat(responses.n_persons + np.arange(FEWEST_PERSONS), len(held))
        columns = np.tile(held, FEWEST_PERSONS)
        shape = (responses.n_persons + FEWEST_PERSONS, len(used))

        def marks(which: BoolArray) -> sparse.csr_array:
            rows = np.concatenate([person[which], extra])
            ones = np.ones(len(rows), dtype=np.float32)
            return sparse.csr_array(
                (ones, (rows, np.concatenate([own[which], columns]))), shape=shape
            )

        every = np.ones(len(own), dtype=bool)
        return cls(used, marks(every), marks(score > 0), marks(score < top), responses.n_persons)

    def linkage(self) -> Linkage:
        if not self.items.size:
            return Linkage()
        together = sparse.csr_array(self.answered.T @ self.answered)
        n_parts, part = connected_components(together, directed=False)
        ties = list(self._ties_by_persons(together, part))
        if n_parts <= _MOST_PIECES:
            ties += self._ties_by_items(together)
        return Linkage(self._blocks(n_parts, part), tuple(ties))

    def _blocks(self, n_parts: int, part: Labels) -> tuple[Block, ...]:
        items = [np.flatnonzero(part == one) for one in range(n_parts)]
        blocks = [Block(self.items[own], len(self._persons(own))) for own in items]
        return tuple(sorted(blocks, key=lambda block: -block.n_persons * len(block.items)))

    def _persons(self, items: IntArray) -> IntArray:
        """Those who answered one of the items (places among the used)."""
        return np.flatnonzero(self.answered[: self.n_persons, items].sum(axis=1) > 0)

    def _ties_by_persons(self, together: sparse.csr_array, part: Labels) -> Iterator[Tie]:
        """Of clusters that thirty persons hold together, and of those that see each other one way.

        In the second every item is easier than some other for somebody, in both directions
        (Fischer 1981): else the responses allow any distance between the clusters.
        """
        _, strong = connected_components(together >= FEWEST_PERSONS, directed=False)
        clusters = self._settle(strong, FEWEST_PERSONS)
        yield from self._ties_of(clusters, part, is_one_sided=False)
        if len(np.unique(clusters)) > len(np.unique(part)):
            return
        _, mutual = connected_components(self.above.T @ self.below, connection="strong")
        yield from self._ties_of(self._settle(mutual, None), part, is_one_sided=True)

    def _settle(self, cluster: Labels, enough: int | None) -> Labels:
        """(U,) clusters joined until each is a block and, if `enough`, is held by fewer persons.

        What is none joins the cluster that most of its persons have answered, too.
        """
        while cluster.max() > 0:
            touched = self._touched(cluster)
            between = (touched.T @ touched).toarray()
            np.fill_diagonal(between, 0)
            real = touched[: self.n_persons]
            is_own = real.sum(axis=1) == 1
            n_own, n_common = real.T @ is_own, real.T @ (~is_own)
            stays = (n_own >= _LEAST) & (np.bincount(cluster) >= _LEAST)
            if enough is not None:
                stays &= n_common < enough
            edges = between >= (np.inf if enough is None else enough)
            moves = np.flatnonzero(~stays & between.any(axis=1))
            edges[moves, between[moves].argmax(axis=1)] = True
            n_joined, joined = connected_components(sparse.csr_array(edges), directed=False)
            if n_joined == len(between):
                break
            cluster = joined[cluster]
        return cluster

    def _touched(self, cluster: Labels) -> sparse.csr_array:
        """(M, K) whether a person answered an item of a cluster."""
        n_items = len(cluster)
        member = sparse.csr_array((np.ones(n_items), (np.arange(n_items), cluster)))
        return sparse.csr_array((self.answered @ member) > 0).astype(float)

    def _ties_of(self, cluster: Labels, part: Labels, *, is_one_sided: bool) -> Iterator[Tie]:
        """Of all clusters of each part but the largest."""
        touched = self._touched(cluster)[: self.n_persons]
        n_touched = touched.sum(axis=1)
        for one in np.unique(part):
            own = np.unique(cluster[part == one])
            sizes = [float(touched[:, [number]].sum()) for number in own]
            for number in np.delete(own, int(np.argmax(sizes))):
                here = touched[:, [number]].toarray()[:, 0] > 0
                yield Tie(
                    items=self.items[cluster == number],
                    persons=np.flatnonzero(here & (n_touched == 1)),
                    common_items=np.zeros(0, dtype=np.int64),
                    common_persons=np.flatnonzero(here & (n_touched > 1)),
                    is_one_sided=is_one_sided,
                )

    def _ties_by_items(self, together: sparse.csr_array) -> Iterator[Tie]:
        adjacent = sparse.csr_array(together > 0).astype(float)
        seen = set()
        for core in self._cores(adjacent):
            outside = np.flatnonzero(~core)
            n_pieces, piece = connected_components(adjacent[outside][:, outside], directed=False)
            for one in range(min(n_pieces, _MOST_PIECES)):
                beyond = outside[piece == one]
                touching = adjacent[:, beyond].sum(axis=1) > 0
                common = np.flatnonzero(touching & core)
                rest = np.setdiff1d(np.arange(len(core)), np.concatenate([beyond, common]))
                key = frozenset((beyond.tobytes(), rest.tobytes()))
                if 0 < len(common) < FEWEST_ITEMS and key not in seen:
                    seen.add(key)
                    yield from self._tie_by_items(beyond, rest, common)

    def _cores(self, adjacent: sparse.csr_array) -> list[BoolArray]:
        """Sets (U,) of items that no two items separate, until each person is within one."""
        cores: list[BoolArray] = []
        n_answers = self.answered.sum(axis=1)
        left = n_answers.copy()
        while left.any() and len(cores) < _MOST_PIECES:
            core = np.zeros(len(self.items), dtype=bool)
            core[self.answered[[int(left.argmax())]].indices] = True
            core = _grow(adjacent, core)
            for other in [one for one in cores if (one & core).sum() >= FEWEST_ITEMS]:
                core = _grow(adjacent, core | other)
                cores = [one for one in cores if one is not other]
            cores.append(core)
            left[self.answered @ core.astype(float) == n_answers] = 0
        return cores

    def _tie_by_items(self, beyond: IntArray, rest: IntArray, common: IntArray) -> Iterator[Tie]:
        """Of the smaller side, where both are blocks."""
        sides = sorted(((self._persons(own), own) for own in (beyond, rest)), key=_size)
        if all(min(len(persons), len(own)) >= _LEAST for persons, own in sides):
            persons, own = sides[0]
            nobody = np.zeros(0, dtype=np.int64)
            yield Tie(self.items[own], persons, self.items[common], nobody)


def _size(side: tuple[IntArray, IntArray]) -> tuple[int, int]:
    return len(side[0]), len(side[1])


def _grow(adjacent: sparse.csr_array, core: BoolArray) -> BoolArray:
    while True:
        more = core | (adjacent @ core.astype(float) >= FEWEST_ITEMS)
        if (more == core).all():
            return core
        core = more
