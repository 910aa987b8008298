"""JSON Lines: one request in, one answer out, in order."""

from collections.abc import Iterable, Iterator

import msgspec

from kesto.calculate.door import calculate, error
from kesto.calculate.given import Answer

LONGEST_LINE = 4_000_000


def answer_lines(lines: Iterable[bytes]) -> Iterator[Answer]:
    """Answer each line; one that can't be read or computed doesn't keep the others from it."""
    for line in lines:
        yield _answer(line)


def _answer(line: bytes) -> Answer:
    if len(line) > LONGEST_LINE:
        return error("too_long", f"a line may have at most {LONGEST_LINE} bytes")
    try:
        request = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError) as refused:
        return error("bad_json", f"the line is no JSON: {refused}")
    return calculate(request)
