"""Short ids for a terminal: the ending of an identifier that no other one in the list has."""

import re
from collections.abc import Callable, Sequence
from uuid import UUID

from kesto.core.ids import parsed
from kesto.core.refusals import Conflict, NotFound

SHORTEST = 4

_ENDING = re.compile(r"[0-9a-f]{4,31}")


def short_ids(ids: Sequence[UUID]) -> dict[UUID, str]:
    """The shortest endings, all of one length, by which the ids of a list can be told apart."""
    length = SHORTEST
    while len({own.hex[-length:] for own in ids}) < len(ids):
        length += 1
    return {own: own.hex[-length:] for own in ids}


def meant(noun: str, text: str, listed: Callable[[], Sequence[UUID]]) -> UUID:
    """The id that a person means, in full or by its ending in a list of what waits.

    Raises Invalid for what is neither, NotFound for an ending that nothing in the list has,
    Conflict for one that several have.
    """
    ending = text.strip().lower()
    if _ENDING.fullmatch(ending) is None:
        return parsed(noun, ending)
    found = [own for own in listed() if own.hex.endswith(ending)]
    if len(found) == 1:
        return found[0]
    thing = noun.replace("_", " ")
    if found:
        raise Conflict(
            f"{len(found)} of those that wait end in {ending}: give more of the {thing}'s id",
            code="ambiguous",
            field=noun,
        )
    raise NotFound(f"no {thing} that ends in {ending} waits", field=noun)
