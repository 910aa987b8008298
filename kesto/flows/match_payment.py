"""Match payments: a bank's file comes in, each entry finds its invoice or waits for a person."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from kesto.core import ledger
from kesto.core.banking import BankEntry, BankFile
from kesto.core.ids import shown
from kesto.core.matching import (
    Decision,
    Matched,
    OpenItem,
    Unmatched,
    by_reference,
    decide,
    reference_candidates,
)
from kesto.core.refusals import Conflict, Invalid, NotFound
from kesto.core.suggestions import Suggestion, open_items, suggest
from kesto.core.writing_off import due_again_minor
from kesto.flows.keep_credit import keep_overpaid
from kesto.flows.pay_out import clear_payouts
from kesto.store import (
    audit,
    bank,
    delivery,
    invoices,
    journal,
    merchants,
    payments,
    write_offs,
)
from kesto.store.bank import Waiting
from kesto.store.ids import new_id, new_ids
from kesto.store.journal import Entry
from kesto.store.payments import Payment
from kesto.store.session import Session, crash_point, reading, writing
from kesto.store.write_offs import Recovery


class Imported(Struct, frozen=True):
    """What a bank file brought; `is_repeated` when the same bytes had been imported before."""

    entries: int
    new: int
    matched: int
    unmatched: int
    matched_minor: int
    is_repeated: bool = False


class Proposal(Struct, frozen=True):
    """A waiting transaction with the invoices that it may be for, the likeliest first."""

    waiting: Waiting
    suggestions: tuple[tuple[Suggestion, str], ...]


class _Books(Struct, frozen=True):
    """Where things are booked: the billing entity of each account, the first open day."""

    entities: Mapping[str, UUID]
    first_open_on: date

    def day(self, booked_on: date) -> date:
        """The bank's day, or the first open one when that is in a closed month."""
        return max(booked_on, self.first_open_on)


def import_bank_file(merchant_id: UUID, file: BankFile, name: str, now: datetime) -> Imported:
    """Take in a bank file, match what is certain, book everything; all or nothing.

    A file that comes twice, and an entry that an earlier file reported, change nothing. Raises
    Invalid when an account in it is not the merchant's.
    """
    with writing(merchant_id) as session:
        books = _books(session, lock=True)
        _check_accounts(file, books)
        file_id = bank.add_file(session, file, name, now)
        if file_id is None:
            return Imported(len(file.entries), 0, 0, 0, 0, is_repeated=True)
        known = bank.known_keys(session, file.entries)
        new = [entry for entry in file.entries if (entry.account, entry.entry_key) not in known]
        imported = _take_in(session, file_id, new, books, now)
        cleared = clear_payouts(session, now)
        matched, unmatched, minor = imported
        result = Imported(
            len(file.entries), len(new), matched + cleared, unmatched - cleared, minor
        )
        audit.record(session, "import_bank_file", {"file": name, "new": len(new)}, now)
        crash_point("match.before_commit")
    crash_point("match.after_commit")
    return result


def proposals(merchant_id: UUID) -> list[Proposal]:
    """The queue with suggestions, each with the number of its invoice; reads only."""
    with reading(merchant_id) as session:
        waiting = bank.queue(session)
        named = {reference for one in waiting for reference in reference_candidates(one.entry)}
        found = {item.invoice_id: item for item in bank.items_named(session, sorted(named))}
        found |= {item.invoice_id: item for item in bank.items_open(session)}
        items = open_items(list(found.values()))
        suggested = [(one, suggest(one.entry, items)) for one in waiting]
        wanted = {one.invoice_id for _, list_ in suggested for one in list_}
        numbers = invoices.numbers_of(session, sorted(wanted))
    return [
        Proposal(one, tuple((found_, numbers[found_.invoice_id]) for found_ in list_))
        for one, list_ in suggested
    ]


def settle(
    merchant_id: UUID, transaction_id: UUID, invoice_number: str, now: datetime, actor: str
) -> Payment:
    """A person says which invoice a waiting transaction pays.

    Raises NotFound when it doesn't wait (any more) or there is no such invoice, Conflict when the
    money left the account or is in another currency.
    """
    with writing(merchant_id) as session:
        entry = bank.lock_waiting(session, transaction_id)
        if entry is None:
            raise NotFound(
                f"no transaction {shown('bank_transaction', transaction_id)} waits in the queue",
                field="transaction",
            )
        invoice_id = invoices.id_of_number(session, invoice_number)
        (item,) = bank.items_with_ids(session, [invoice_id])
        if entry.direction == "out" or entry.is_reversal:
            raise Conflict("money that left the account pays no invoice", field="transaction")
        if entry.currency != item.currency:
            raise Conflict(
                f"the transaction is in {entry.currency}, the invoice in {item.currency}",
                code="other_currency",
                field="invoice",
            )
        bank.mark_matched(session, transaction_id)
        crash_point("settle.after_mark")
        (paid,) = _pay(session, [(transaction_id, entry, item)], _books(session), now)
        data = {"transaction": transaction_id, "invoice": invoice_number}
        audit.record(session, "settle", data, now, actor)
        crash_point("settle.before_commit")
    crash_point("settle.after_commit")
    return paid


def _books(session: Session, *, lock: bool = False) -> _Books:
    closed = merchants.merchant(session).closed_through
    return _Books(
        {entity.iban: entity.id for entity in merchants.billing_entities(session, lock=lock)},
        closed + timedelta(days=1) if closed else date.min,
    )


def _check_accounts(file: BankFile, books: _Books) -> None:
    for account in {entry.account for entry in file.entries}:
        if account not in books.entities:
            raise Invalid(
                f"the file is about account {account}, which is none of this merchant's; its"
                f" accounts are {', '.join(books.entities)}",
                code="unknown_account",
                field="account",
            )


def _take_in(
    session: Session, file_id: UUID, new: Sequence[BankEntry], books: _Books, now: datetime
) -> tuple[int, int, int]:
    names = {reference for entry in new for reference in reference_candidates(entry)}
    items = bank.items_named(session, sorted(names))
    named = by_reference(items)
    by_id = {item.invoice_id: item for item in items}
    decisions = [(entry, decide(entry, named)) for entry in new]
    ids = bank.add_transactions(
        session, file_id, [(entry, _reason(decision)) for entry, decision in decisions]
    )
    crash_point("match.after_transactions")
    journal.book(
        session,
        [
            _receipt(own, entry, books)
            for own, entry in zip(ids, new, strict=True)
            if entry.amount_minor
        ],
        now,
    )
    matched = [
        (own, entry, by_id[decision.invoice_id])
        for own, (entry, decision) in zip(ids, decisions, strict=True)
        if isinstance(decision, Matched)
    ]
    _pay(session, matched, books, now)
    matched_minor = sum(entry.amount_minor for _, entry, _ in matched)
    return len(matched), len(new) - len(matched), matched_minor


def _reason(decision: Decision) -> str:
    return decision.reason if isinstance(decision, Unmatched) else ""


def _receipt(own: UUID, entry: BankEntry, books: _Books) -> Entry:
    signed = entry.amount_minor if entry.direction == "in" else -entry.amount_minor
    return Entry(
        own,
        "bank_transaction",
        books.entities[entry.account],
        None,
        books.day(entry.booked_on),
        ledger.bank_receipt(signed, entry.currency),
    )


def _pay(
    session: Session,
    matched: Sequence[tuple[UUID, BankEntry, OpenItem]],
    books: _Books,
    now: datetime,
) -> list[Payment]:
    """Settle invoices as far as the money goes; what is over is the customer's credit.

    Where the merchant sends receipts, one is told of for each payment that settled something.
    """
    if not matched:
        return []
    locked = payments.lock_settlements(session, [item.invoice_id for _, _, item in matched])
    # What was written off is recovered by a payment, after what is still open.
    left = {own: one.open_minor + one.written_off_minor for own, one in locked.items()}
    paid: dict[UUID, int] = {}
    made: list[Payment] = []
    ids = new_ids(2 * len(matched))
    for n, (transaction_id, entry, item) in enumerate(matched):
        allocated = min(entry.amount_minor, left[item.invoice_id])
        left[item.invoice_id] -= allocated
        paid[item.invoice_id] = paid.get(item.invoice_id, 0) + allocated
        made.append(
            Payment(
                *(ids[2 * n], ids[2 * n + 1], transaction_id, item.customer_id, item.invoice_id),
                *(entry.currency, entry.amount_minor, allocated, entry.booked_on),
            )
        )
    payments.add_payments(session, made, now)
    crash_point("match.after_payments")
    recovered = {own: max(0, minor - locked[own].open_minor) for own, minor in paid.items()}
    payments.settle(session, paid, {}, {own: -minor for own, minor in recovered.items()})
    crash_point("match.after_settle")
    journal.book(
        session,
        [
            Entry(
                payment.id,
                "payment",
                books.entities[entry.account],
                payment.customer_id,
                books.day(entry.booked_on),
                ledger.payment(payment.amount_minor, payment.allocated_minor, payment.currency),
            )
            for payment, (_, entry, _) in zip(made, matched, strict=True)
        ],
        now,
    )
    _recover(
        session, made, matched, {own: one for own, one in recovered.items() if one}, books, now
    )
    entities = [books.entities[entry.account] for _, entry, _ in matched]
    keep_overpaid(session, [*zip(made, entities, strict=True)], now)
    settling = [payment.id for payment in made if payment.allocated_minor]
    delivery.tell_received(session, settling, now)
    return made


def _recover(
    session: Session,
    made: Sequence[Payment],
    matched: Sequence[tuple[UUID, BankEntry, OpenItem]],
    recovered: Mapping[UUID, int],
    books: _Books,
    now: datetime,
) -> None:
    """Take back write-offs of invoices that are paid after all, by what was paid of them."""
    if not recovered:
        return
    known = write_offs.of_invoices(session, list(recovered))
    so_far = {own: before for own, (_, before) in known.items()}
    left = dict(recovered)
    found: list[Recovery] = []
    entries: list[Entry] = []
    # The last payments of an invoice are those that reach what was written off.
    for payment, (_, entry, _) in reversed([*zip(made, matched, strict=True)]):
        minor = min(left.get(payment.invoice_id, 0), payment.allocated_minor)
        if not minor:
            continue
        one, _ = known[payment.invoice_id]
        left[one.invoice_id] -= minor
        tax = due_again_minor(one.amount_minor, one.tax_minor, so_far[one.invoice_id], minor)
        so_far[one.invoice_id] += minor
        own = new_id()
        found.append(Recovery(own, one.id, payment.id, minor, tax))
        entries.append(
            Entry(
                own,
                "recovery",
                one.billing_entity_id,
                one.customer_id,
                books.day(entry.booked_on),
                ledger.recovery(minor, tax, one.currency),
            )
        )
    write_offs.add_recoveries(session, found, now)
    journal.book(session, entries, now)
