"""A plan or an add-on as it stands in the editor: only what was typed, in rows of text.

The page carries it, so that nothing typed is lost whatever is wrong; the visit keeps it, so that
one may leave the page and come back.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Literal, TypeVar

from msgspec import Struct, field

Noun = Literal["plan", "add_on"]
Values = dict[str, str]
T = TypeVar("T")

MOST_ROWS = 30
MOST_FIELDS = 900
"""A browser sends no more than a thousand fields; every price has about so many, every tier."""

PRICE_FIELDS, TIER_FIELDS = 22, 4
LONGEST_VALUE = 20_000
ROW = re.compile(r"row-([0-9]{1,3})-([a-z_]+)")
TIER = re.compile(r"row-([0-9]{1,3})-tier-([0-9]{1,3})-([a-z_]+)")
PHASE = re.compile(r"phase-([0-9]{1,3})-([a-z_]+)")


class Row(Struct):
    """One price as it was typed; the rows below it by their numbers."""

    values: Values = field(default_factory=dict)
    tiers: dict[int, Values] = field(default_factory=dict)


class Draft(Struct):
    """What was typed: fields of the whole, prices and phases by the numbers in their names."""

    noun: Noun
    values: Values = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)
    phases: dict[int, Values] = field(default_factory=dict)

    @property
    def is_too_large(self) -> bool:
        """Whether the page could not send all of it back."""
        tiers = sum(len(row.tiers) for row in self.rows.values())
        return len(self.rows) * PRICE_FIELDS + tiers * TIER_FIELDS > MOST_FIELDS

    @property
    def typed(self) -> Values:
        """What there is of it, by the names of its fields."""
        return {name: value for name, value in self.names if value}

    @property
    def names(self) -> Iterator[tuple[str, str]]:
        """Everything by the name that its field has."""
        yield from self.values.items()
        for number, row in self.rows.items():
            for name, value in row.values.items():
                yield f"row-{number}-{name}", value
            for tier, values in row.tiers.items():
                for name, value in values.items():
                    yield f"row-{number}-tier-{tier}-{name}", value
        for number, values in self.phases.items():
            for name, value in values.items():
                yield f"phase-{number}-{name}", value


def posted(noun: Noun, data: Mapping[str, object]) -> Draft:
    """What a browser sent, or what was kept of it."""
    draft = Draft(noun)
    for key in data:
        value = str(data[key]).replace("\0", "")[:LONGEST_VALUE]
        if key in {"csrfmiddlewaretoken", "do"}:
            continue
        if found := TIER.fullmatch(key):
            row = draft.rows.setdefault(int(found[1]), Row())
            row.tiers.setdefault(int(found[2]), {})[found[3]] = value
        elif found := ROW.fullmatch(key):
            draft.rows.setdefault(int(found[1]), Row()).values[found[2]] = value
        elif found := PHASE.fullmatch(key):
            draft.phases.setdefault(int(found[1]), {})[found[2]] = value
        else:
            draft.values[key] = value
    return draft


def change(draft: Draft, do: str) -> bool:
    """Add or take away a row, a tier or a phase, as a button says; whether it was one of these."""
    word, *numbers = do.split("-")
    if not all(number.isdecimal() for number in numbers):
        return False
    match word, [int(number) for number in numbers]:
        case "fixed", []:
            _add(draft.rows, Row({"model": "flat", "charged": "advance"}))
        case "usage", []:
            _add(draft.rows, Row({"model": "graduated", "charged": "arrears"}, {0: {}, 1: {}}))
        case "remove", [row]:
            draft.rows.pop(row, None)
        case "tier", [row] if row in draft.rows:
            _add_tier(draft.rows[row].tiers)
        case "untier", [row, tier] if row in draft.rows:
            draft.rows[row].tiers.pop(tier, None)
        case "trial", []:
            trial = {"trial": "on", "interval": "day", "count": "14", "percent": "0"}
            later = list(draft.phases.values())
            draft.phases = dict(enumerate([trial, *later]))
        case "phase", []:
            _add_phase(draft, {"interval": "month", "count": "3", "percent": "50"})
        case "unphase", [phase]:
            draft.phases.pop(phase, None)
        case _:
            return False
    return True


def ordered(values: Mapping[int, Values]) -> list[Values]:
    """Tiers or phases in their order."""
    return [values[number] for number in sorted(values)]


def _add(of: dict[int, T], added: T) -> None:
    if len(of) < MOST_ROWS:
        of[max(of, default=-1) + 1] = added


def _add_phase(draft: Draft, added: Values) -> None:
    """A new phase comes before one that goes on and on."""
    phases = ordered(draft.phases)
    is_closed = bool(phases) and phases[-1].get("interval") == "open"
    phases.insert(len(phases) - 1 if is_closed else len(phases), added)
    if len(phases) <= MOST_ROWS:
        draft.phases = dict(enumerate(phases))


def _add_tier(tiers: dict[int, Values]) -> None:
    """A new tier comes before the last, which has no bound."""
    numbers = sorted(tiers)
    _add(tiers, {})
    if numbers:
        last, new = numbers[-1], max(tiers)
        tiers[last], tiers[new] = {}, tiers[last]
