"""Runs the Python blocks of docs/library.md, and compares what they print with the page.

Standard library only beside what the page itself imports, so that it runs in a bare environment:

    python tour.py docs/library.md
"""

import contextlib
import importlib.util
import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
# What another build of NumPy may print in the place of a last digit.
LAST_DIGITS = 3


@dataclass(frozen=True)
class Block:
    """Code, the line of the page on which it begins, and what the page says that it prints."""

    line: int
    code: str
    output: str | None

    @property
    def needs(self) -> str | None:
        """The library without which the page says that the block is skipped."""
        found = re.match(r"import (pandas|polars)\n", self.code)
        return found and found[1]


def blocks(page: str) -> list[Block]:
    """The Python blocks, each with the text block that follows it at once."""
    found = []
    fences = list(FENCE.finditer(page))
    for place, fence in enumerate(fences):
        if fence[1] != "python":
            continue
        after = fences[place + 1] if place + 1 < len(fences) else None
        follows = after and after[1] == "text" and not page[fence.end() : after.start()].strip()
        line = page.count("\n", 0, fence.start()) + 2
        found.append(Block(line, fence[2], after[2] if after and follows else None))
    return found


def run(page: str) -> tuple[int, list[str]]:
    """How many blocks ran, and what is wrong, in sentences."""
    namespace: dict[str, Any] = {"__name__": "tour"}
    faults, n_run = [], 0
    for block in blocks(page):
        if block.needs and importlib.util.find_spec(block.needs) is None:
            continue
        printed = io.StringIO()
        # The line numbers of a traceback are those of the page.
        code = compile("\n" * (block.line - 1) + block.code, "library.md", "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)
        n_run += 1
        difference = first_difference(block.output or "", printed.getvalue())
        if difference:
            faults.append(f"line {block.line}: {difference}\nIt printed:\n{printed.getvalue()}")
    return n_run, faults


def first_difference(expected: str, printed: str) -> str | None:
    """Where words differ, or numbers by more than a few units of their last digit."""
    ours, theirs = ([line.split() for line in text.splitlines()] for text in (expected, printed))
    if len(ours) != len(theirs):
        return f"{len(ours)} lines on the page, {len(theirs)} printed"
    for line, (words, others) in enumerate(zip(ours, theirs, strict=True), 1):
        if len(words) != len(others):
            return f"line {line} of the output: {' '.join(words)!r} != {' '.join(others)!r}"
        for word, other in zip(words, others, strict=True):
            if not agree(word, other):
                return f"line {line} of the output: {word!r} != {other!r}"
    return None


def agree(word: str, other: str) -> bool:
    """Two words that differ in the last digits of their decimal numbers at most."""
    if NUMBER.sub("#", word) != NUMBER.sub("#", other):
        return False
    pairs = zip(NUMBER.findall(word), NUMBER.findall(other), strict=True)
    return all(_close(one, another) for one, another in pairs)


def _close(one: str, other: str) -> bool:
    if "e" in one:
        return True  # a gradient: its size is the chance of the last step
    decimals = len(one.partition(".")[2])
    slack = LAST_DIGITS * 10.0**-decimals if decimals else 0.0
    return abs(float(one) - float(other)) <= slack * 1.000001


def main(path: str) -> int:
    n_run, faults = run(Path(path).read_text(encoding="utf-8"))
    print(*faults, sep="\n\n", file=sys.stderr)
    print(f"{n_run} blocks")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
