"""Propose: which invoices one waiting payment may be for, and what settling it would do."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from kesto.core import ledger
from kesto.core.banking import BankEntry
from kesto.core.ledger import Posting
from kesto.core.matching import OpenItem, reference_candidates
from kesto.core.refusals import NotFound
from kesto.core.suggestions import (
    Evidence,
    evidence_for,
    is_later,
    near_references,
    open_items,
    suggest,
)
from kesto.store import bank, invoices
from kesto.store.bank import Waiting
from kesto.store.office import invoices as listed
from kesto.store.office.invoices import Listed
from kesto.store.session import Session, reading

MOST_CANDIDATES = 10


class Candidate(Struct, frozen=True):
    """An invoice that a payment may be for: how likely, by what, and what settling it does.

    `is_later`: it did not exist yet when the money came.
    """

    invoice: Listed
    score: int
    evidence: frozenset[Evidence]
    is_later: bool
    knows_account: bool
    settled_minor: int
    kept_minor: int
    postings: tuple[Posting, ...]


class Proposal(Struct, frozen=True):
    """A waiting payment with its candidates, the likeliest first.

    `chosen` was asked for by its number; `is_unknown`: no invoice has that number.
    """

    waiting: Waiting
    candidates: tuple[Candidate, ...]
    chosen: Candidate | None = None
    is_unknown: bool = False

    @property
    def can_settle(self) -> bool:
        """Whether it is money that came in and may pay an invoice."""
        entry = self.waiting.entry
        return entry.direction == "in" and not entry.is_reversal and entry.amount_minor > 0


def propose_match(merchant_id: UUID, transaction_id: UUID, number: str = "") -> Proposal:
    """The candidates for a payment of the queue; reads only.

    `number` asks for one invoice by its number. Raises NotFound for a payment that doesn't wait
    (any more).
    """
    with reading(merchant_id) as session:
        waiting = bank.waiting(session, transaction_id)
        if waiting is None:
            raise NotFound(
                "this payment does not wait any more", code="not_waiting", field="transaction"
            )
        items = _items(session, waiting.entry)
        found = suggest(waiting.entry, open_items(list(items.values())), MOST_CANDIDATES)
        scores = {one.invoice_id: one.score for one in found}
        asked = _asked(session, number)
        wanted = [items[own] for own in scores]
        rows = listed.with_ids(session, [item.invoice_id for item in [*wanted, *asked]])
        candidates = tuple(
            _candidate(waiting.entry, item, rows[item.invoice_id], scores[item.invoice_id])
            for item in wanted
        )
        chosen = [
            _candidate(waiting.entry, item, rows[item.invoice_id], scores.get(item.invoice_id, 0))
            for item in asked
        ]
    is_unknown = bool(number.strip()) and not chosen
    return Proposal(waiting, candidates, chosen[0] if chosen else None, is_unknown)


def _asked(session: Session, number: str) -> list[OpenItem]:
    if not number.strip():
        return []
    try:
        return bank.items_with_ids(session, [invoices.id_of_number(session, number)])
    except NotFound:
        return []


def _items(session: Session, entry: BankEntry) -> Mapping[UUID, OpenItem]:
    """What `suggest` can find anything in: the few invoices that share something with it."""
    named = [*reference_candidates(entry), *near_references(entry)]
    found: Sequence[OpenItem] = (
        *bank.items_named(session, named),
        *bank.items_like(session, entry),
    )
    return {item.invoice_id: item for item in found}


def _candidate(entry: BankEntry, item: OpenItem, row: Listed, score: int) -> Candidate:
    settled_minor = min(entry.amount_minor, item.open_minor)
    return Candidate(
        row,
        score,
        evidence_for(entry, item),
        is_later(entry, item),
        bool(entry.payer_iban) and entry.payer_iban in item.payer_ibans,
        settled_minor,
        entry.amount_minor - settled_minor,
        ledger.payment(entry.amount_minor, settled_minor, entry.currency),
    )
