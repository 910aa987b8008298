"""Which invoice a bank entry pays: decided from what the payer wrote, never guessed.

Order: the structured reference; numbers in free text that pass a check and exist; the end-to-end
id. What is not certain is left for a person, with suggestions (suggestions.py). A wrong match
costs two customers' trust, an unmatched entry a minute.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.banking import BankEntry
from kesto.core.references import LONGEST, RF_LONGEST, is_finnish, is_rf, normal

How = Literal["reference", "text", "end_to_end_id"]
Reason = Literal[
    "outgoing",  # money that left
    "reversal",  # undoes an earlier entry
    "batch",  # several payments in one sum
    "no_amount",  # a sum of zero
    "several_invoices",  # names more than one invoice
    "other_currency",  # names an invoice in another currency
    "uncertain",  # a number in it might be a reference, but need not
    "unknown_reference",  # the reference is of no invoice
    "no_reference",  # nothing to go by
]

# Banks write up to 140 characters a line; what is far beyond is not a person's message.
_READABLE = 5_000
# Groups of digits parted by single spaces, as references are printed.
_DIGITS = re.compile(r"(?<![0-9])[0-9]+(?:[ \u00a0][0-9]+)*")
_RF = re.compile(r"(?<![0-9A-Z])RF *[0-9]{2}(?:[ \u00a0]?[0-9A-Z])+", re.IGNORECASE)
_LABEL = re.compile(
    r"^\W*(?:viitenumero|viitenro|viite|reference|referensnummer|referens|ref|ocr|kid)\b[\W_]*"
    r"(?:(?:nro|no|nr|number)\b[\W_]*)?",
    re.IGNORECASE,
)


class OpenItem(Struct, frozen=True, gc=False):
    """An issued invoice that a payment may be for; a paid one has `open_minor` 0 and still counts.

    `payer_name` and `payer_ibans` are of the customer who gets the invoice, `invoice_on` is its
    date where that is known.
    """

    invoice_id: UUID
    reference: str
    open_minor: int
    currency: str
    customer_id: UUID
    payer_name: str = ""
    payer_ibans: tuple[str, ...] = ()
    invoice_on: date | None = None


class Matched(Struct, frozen=True, gc=False):
    """The entry pays this invoice, whatever the sum; `how` says what named it."""

    invoice_id: UUID
    reference: str
    how: How


class Unmatched(Struct, frozen=True, gc=False):
    """A person has to look; `candidates` are the invoices that the entry names, if any."""

    reason: Reason
    candidates: tuple[UUID, ...] = ()


Decision = Matched | Unmatched


def reference_candidates(entry: BankEntry) -> tuple[str, ...]:
    """Return the references to look up for an entry, in normal form, the likeliest first."""
    found = chain(_structured(entry), _written(entry), _end_to_end(entry))
    return tuple(dict.fromkeys(found))


def by_reference(items: Sequence[OpenItem]) -> dict[str, OpenItem]:
    """Return the items by the normal form of their reference, as `decide` wants them."""
    return {normal(item.reference): item for item in items}


def decide(entry: BankEntry, items: Mapping[str, OpenItem]) -> Decision:
    """Say which invoice an entry pays; `items` holds at least those of its candidates.

    The sum does not matter for a structured reference: too little stays open, too much is the
    customer's credit. Other numbers count only where nothing else can be meant.
    """
    if barred := _barred(entry):
        candidates = _known(reference_candidates(entry), items)
        return Unmatched(barred, tuple(item.invoice_id for item in candidates))
    uncertain: list[OpenItem] = []
    for how, references in _named(entry):
        known = _known(references, items)
        certain = [item for item in known if _is_certain(how, entry, item)]
        if certain:
            return _one(certain, entry, how)
        uncertain += known
    if uncertain:
        return Unmatched("uncertain", tuple(item.invoice_id for item in uncertain))
    return Unmatched("unknown_reference" if any(entry.references) else "no_reference")


def readable(entry: BankEntry) -> list[str]:
    """Return the free text of an entry, line by line, as far as a person's message goes."""
    return "\n".join(entry.texts)[:_READABLE].split("\n")


def _barred(entry: BankEntry) -> Reason | None:
    """Return why an entry may never be matched without a person, if so."""
    if entry.is_reversal:
        return "reversal"
    if entry.direction == "out":
        return "outgoing"
    if entry.payments > 1:
        return "batch"
    return None if entry.amount_minor else "no_amount"


def _named(entry: BankEntry) -> Iterator[tuple[How, Iterator[str]]]:
    yield "reference", _structured(entry)
    yield "text", _written(entry)
    yield "end_to_end_id", _end_to_end(entry)


def _known(references: Iterable[str], items: Mapping[str, OpenItem]) -> list[OpenItem]:
    """Return the items that references name, each invoice once."""
    found = (items[reference] for reference in references if reference in items)
    return list({item.invoice_id: item for item in found}.values())


def _one(named: list[OpenItem], entry: BankEntry, how: How) -> Decision:
    """Match the one invoice that is named in the right currency."""
    if len(named) > 1:
        return Unmatched("several_invoices", tuple(item.invoice_id for item in named))
    item = named[0]
    if item.currency != entry.currency:
        return Unmatched("other_currency", (item.invoice_id,))
    return Matched(item.invoice_id, normal(item.reference), how)


def _is_certain(how: How, entry: BankEntry, item: OpenItem) -> bool:
    """Whether a name found this way can mean nothing else.

    A number in a sentence may be a date, a postal code or a customer number, and an end-to-end id
    is the payer's own: they count when the sum agrees, or when the text calls it a reference.
    """
    if how == "reference":
        return True
    if entry.amount_minor == item.open_minor and entry.currency == item.currency:
        return True
    return how == "text" and normal(item.reference) in set(_explicit(entry))


def _structured(entry: BankEntry) -> Iterator[str]:
    return filter(None, map(normal, entry.references))


def _end_to_end(entry: BankEntry) -> Iterator[str]:
    if is_finnish(entry.end_to_end_id) or is_rf(entry.end_to_end_id):
        yield normal(entry.end_to_end_id)


def _written(entry: BankEntry) -> Iterator[str]:
    """Return the numbers in free text that pass the check of a reference."""
    yield from _written_rf(entry)
    for text in readable(entry):
        for found in _DIGITS.finditer(text):
            yield from _joined(found.group(), LONGEST, is_finnish)


def _written_rf(entry: BankEntry) -> Iterator[str]:
    for text in readable(entry):
        for found in _RF.finditer(text):
            yield from _joined(found.group(), RF_LONGEST, is_rf)


def _explicit(entry: BankEntry) -> Iterator[str]:
    """Return what the text calls a reference: an RF one, or a line of nothing but the number."""
    yield from _written_rf(entry)
    for text in readable(entry):
        line = _LABEL.sub("", text).strip(" .,;:")
        if is_finnish(line):
            yield normal(line)


def _joined(text: str, longest: int, is_reference: Callable[[str], bool]) -> Iterator[str]:
    """Return the references among neighbouring groups of a text, put together, longest first."""
    groups = text.split()
    found = []
    for start in range(len(groups)):
        whole = ""
        for group in groups[start:]:
            whole += group
            if len(whole) > longest:
                break
            if is_reference(whole):
                found.append(normal(whole))
    yield from sorted(found, key=len, reverse=True)
