"""What an unmatched bank entry might be for: a short ranked list for the person who decides."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.banking import BankEntry
from kesto.core.matching import OpenItem, by_reference, readable, reference_candidates
from kesto.core.references import LONGEST, SHORTEST, is_digits, is_finnish, normal

SuggestionReason = Literal[
    "named",  # the entry names the invoice, but not for certain
    "nearly_named",  # one digit wrong, or two neighbours swapped
    "payer_and_amount",  # the customer's account or name, and the sum that is open
    "payer",  # the customer's account or name
    "amount",  # the sum that is open
]
Evidence = Literal["named", "nearly_named", "payer", "amount"]
_WEIGHTS: dict[Evidence, int] = {"named": 60, "nearly_named": 40, "payer": 30, "amount": 20}
LATER = 3
"""By what the score of an invoice from after the payment is divided."""

_RUN = re.compile(r"[0-9]+(?:[ \u00a0][0-9]+)*")


class Suggestion(Struct, frozen=True, gc=False):
    """An invoice that an entry may be for, with the strongest reason.

    The score (0 to 100) adds up all that speaks for the invoice; it only orders the list.
    """

    invoice_id: UUID
    score: int
    reason: SuggestionReason


class OpenItems(Struct, frozen=True):
    """Invoices sorted once by what an entry may know of them; made by `open_items`."""

    by_reference: dict[str, OpenItem]
    by_payer: dict[str, list[OpenItem]]
    by_amount: dict[tuple[str, int], list[OpenItem]]


def open_items(items: Sequence[OpenItem]) -> OpenItems:
    """Sort invoices for any number of `suggest` calls; paid ones can only be named."""
    by_payer: dict[str, list[OpenItem]] = defaultdict(list)
    by_amount: dict[tuple[str, int], list[OpenItem]] = defaultdict(list)
    for item in items:
        if item.open_minor > 0:
            by_amount[item.currency, item.open_minor].append(item)
            for payer in filter(None, (_name(item.payer_name), *item.payer_ibans)):
                by_payer[payer].append(item)
    return OpenItems(by_reference(items), dict(by_payer), dict(by_amount))


def suggest(entry: BankEntry, items: OpenItems, limit: int = 5) -> list[Suggestion]:
    """Return the likeliest invoices for an entry, each once.

    Money that left, or undoes an earlier entry, pays no invoice and gets no suggestion.
    """
    if entry.direction == "out" or entry.is_reversal:
        return []
    evidence: dict[UUID, set[Evidence]] = defaultdict(set)
    later: set[UUID] = set()
    for kind, item in _evidence(entry, items, limit):
        evidence[item.invoice_id].add(kind)
        if is_later(entry, item):
            later.add(item.invoice_id)
    found = [
        Suggestion(own, _score(kinds, is_later=own in later), _strongest(kinds))
        for own, kinds in evidence.items()
    ]
    return sorted(found, key=lambda suggestion: -suggestion.score)[:limit]


def is_later(entry: BankEntry, item: OpenItem) -> bool:
    """Whether the invoice did not exist yet when the money came."""
    return item.invoice_on is not None and item.invoice_on > entry.booked_on


def evidence_for(entry: BankEntry, item: OpenItem) -> frozenset[Evidence]:
    """Return all that speaks for one invoice; what is missing speaks against it."""
    return frozenset(kind for kind, _ in _evidence(entry, open_items([item]), limit=1))


def near_references(entry: BankEntry) -> tuple[str, ...]:
    """Return valid references that differ from what was written by one slip of a digit.

    For a caller that looks them up in a table before it asks for suggestions.
    """
    numbers = [normal(reference) for reference in entry.references]
    numbers += [number for text in readable(entry) for number in _numbers(text)]
    slips = (
        slip
        for number in numbers
        if is_digits(number) and SHORTEST <= len(number) <= LONGEST
        for slip in _slips(number)
    )
    return tuple(dict.fromkeys(slip for slip in slips if is_finnish(slip)))


def _evidence(
    entry: BankEntry, items: OpenItems, limit: int
) -> Iterator[tuple[Evidence, OpenItem]]:
    """Return all that speaks for an invoice; the same may come more than once."""
    seen: list[OpenItem] = []
    for kind, item in _names_and_payers(entry, items):
        seen.append(item)
        yield kind, item
    alike = items.by_amount.get((entry.currency, entry.amount_minor), [])
    # A sum that many invoices share says little of those that nothing else speaks for.
    for item in [*seen, *alike[:limit]]:
        if (item.currency, item.open_minor) == (entry.currency, entry.amount_minor):
            yield "amount", item


def _names_and_payers(entry: BankEntry, items: OpenItems) -> Iterator[tuple[Evidence, OpenItem]]:
    for reference in reference_candidates(entry):
        if reference in items.by_reference:
            yield "named", items.by_reference[reference]
    for reference in near_references(entry):
        if reference in items.by_reference:
            yield "nearly_named", items.by_reference[reference]
    for payer in filter(None, (entry.payer_iban, _name(entry.payer_name))):
        for item in items.by_payer.get(payer, ()):
            if item.currency == entry.currency:
                yield "payer", item


def _score(kinds: set[Evidence], *, is_later: bool) -> int:
    score = min(sum(_WEIGHTS[kind] for kind in kinds), 100)
    return score // LATER if is_later else score


def _strongest(kinds: set[Evidence]) -> SuggestionReason:
    if "named" in kinds:
        return "named"
    if "nearly_named" in kinds:
        return "nearly_named"
    if kinds == {"payer", "amount"}:
        return "payer_and_amount"
    return "payer" if "payer" in kinds else "amount"


def _name(text: str) -> str:
    """Return the words of a name in one order: banks write the family name first."""
    return " ".join(sorted(re.findall(r"\w+", text.casefold())))


def _numbers(text: str) -> Iterator[str]:
    """Return the runs of digits in a text: groups put together, and each group by itself."""
    for run in _RUN.findall(text):
        groups = run.split()
        yield from dict.fromkeys(["".join(groups), *groups])


def _slips(number: str) -> Iterator[str]:
    """Return a number with one digit changed, or two neighbours swapped, in every way."""
    for place, digit in enumerate(number):
        for other in "0123456789":
            if other != digit:
                yield number[:place] + other + number[place + 1 :]
    for place in range(len(number) - 1):
        head, pair, tail = number[:place], number[place : place + 2], number[place + 2 :]
        if pair[0] != pair[1]:
            yield head + pair[::-1] + tail
