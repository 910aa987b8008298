"""Credit: an invoice is taken back by credit notes, wholly or in part, until nothing is left."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from kesto.core import ledger
from kesto.core.calendar import local_date
from kesto.core.crediting import (
    Credit,
    Creditable,
    credit_amount,
    credit_lines,
    credit_whole,
    revenue_taken,
)
from kesto.core.invoice import CREDIT_NOTE, INVOICE, Document, read_explanation
from kesto.core.line import Explanation, Line
from kesto.core.money import format_minor
from kesto.core.refusals import Conflict, Invalid, NotAllowed
from kesto.flows.keep_credit import Kept, keep_credited
from kesto.store import audit, billed, invoices, merchants, payments, write_offs
from kesto.store.ids import new_id
from kesto.store.invoice_writer import Writer
from kesto.store.invoices import Stored
from kesto.store.session import Session, crash_point, reading, writing


class Whole(Struct, frozen=True):
    """All that is left of the invoice."""


class Lines(Struct, frozen=True):
    """Lines by number, each by an amount as the invoice counts, or (None) by what is left of it."""

    amounts: Mapping[int, int | None]


class Sum(Struct, frozen=True):
    """A sum over what is left: with VAT, or as the invoice counts."""

    amount_minor: int
    with_tax: bool = True


Wanted = Whole | Lines | Sum
WHOLE = Whole()


class CreditPlan(Struct, frozen=True):
    """What a credit note would be, beside what may be credited at all.

    `taken_minor` comes off what is open of the invoice, `left_open_minor` stays to be paid, and
    `kept_minor` becomes the customer's credit.
    """

    stored: Stored
    creditable: Creditable
    credit: Credit
    taken_minor: int
    left_open_minor: int

    @property
    def kept_minor(self) -> int:
        """What was paid already and becomes the customer's credit."""
        return self.credit.total_minor - self.taken_minor

    @property
    def given_back_minor(self) -> int:
        """What comes back of credit that came off the invoice before tax."""
        lines = self.creditable.lines
        return -sum(minor for own, minor in self.credit.lines.items() if lines[own].is_credit)


def creditable(merchant_id: UUID, number: str) -> tuple[Stored, Creditable]:
    """An invoice and what is left of it to credit; reads only.

    Raises NotFound for an unknown number, Conflict for a credit note and for an invoice that is
    credited in full.
    """
    with reading(merchant_id) as session:
        stored, left = creditable_of(session, invoices.id_of_number(session, number))
    if left.is_exhausted:
        raise _credited_already(number)
    return stored, left


def preview_credit(
    merchant_id: UUID, number: str, wanted: Wanted, *, limit_minor: int | None = None
) -> CreditPlan:
    """What `credit` would do; reads only, and refuses what `credit` refuses."""
    with reading(merchant_id) as session:
        invoice_id = invoices.id_of_number(session, number)
        open_minor = payments.open_minor(session, invoice_id)
        return _plan(session, invoice_id, wanted, open_minor, limit_minor)


def credit(
    merchant_id: UUID,
    number: str,
    reason: str,
    now: datetime,
    actor: str,
    *,
    wanted: Wanted = WHOLE,
    limit_minor: int | None = None,
) -> str:
    """Credit an invoice, or what is left of it, or a part; answers the credit note's number.

    What was still open is owed no more; what was paid is kept as the customer's credit. The
    period stays billed: a credit note gives money back, it does not undo the use. Raises NotFound
    for an unknown number, Conflict for an invoice that is credited in full, Invalid for more than
    is left, NotAllowed above the limit of who credits it.
    """
    if not reason.strip():
        raise Invalid("say why the invoice is credited", code="missing", field="reason")
    with writing(merchant_id) as session:
        invoice_id = invoices.id_of_number(session, number)
        settlement = payments.lock_settlements(session, [invoice_id])[invoice_id]
        plan = _plan(session, invoice_id, wanted, settlement.open_minor, limit_minor)
        document = credit_document(session, plan, reason, now)
        note = document.invoice
        writer = Writer(session)
        writer.add(document)
        writer.write()
        crash_point("credit.before_settle")
        payments.lock_settlements(session, [note.id])
        taken = {invoice_id: plan.taken_minor, note.id: plan.taken_minor}
        payments.settle(session, {}, taken)
        keep_credited(
            session, [Kept(note, invoice_id, plan.kept_minor, plan.given_back_minor)], now
        )
        writer.number(now)
        data = {"invoice": number, "reason": reason, "total_minor": note.total_minor}
        audit.record(session, "credit", data, now, actor)
        given = invoices.numbers_of(session, [note.id])[note.id]
        crash_point("credit.before_commit")
    crash_point("credit.after_commit")
    return given


def creditable_of(session: Session, invoice_id: UUID) -> tuple[Stored, Creditable]:
    """An invoice and what is left of it to credit, within a flow. Raises Conflict."""
    notes = invoices.credit_notes_of(session, invoice_id)
    by_id = {one.invoice.id: one for one in invoices.load(session, [invoice_id, *notes])}
    stored = by_id.pop(invoice_id)
    if stored.invoice.kind != INVOICE:
        raise Conflict(f"{stored.number} is a credit note itself", field="invoice")
    return stored, invoices.creditable(stored, [*by_id.values()])


def _plan(
    session: Session, invoice_id: UUID, wanted: Wanted, open_minor: int, limit_minor: int | None
) -> CreditPlan:
    stored, left = creditable_of(session, invoice_id)
    if left.is_exhausted:
        raise _credited_already(stored.number)
    if invoice_id in write_offs.of_invoices(session, [invoice_id]):
        raise Conflict(
            f"{stored.number} is written off; what is paid of it is recovered, nothing is credited",
            code="is_written_off",
            field="invoice",
        )
    made = _wanted(left, wanted, billed.set_off(session, invoice_id))
    # Together, so that an invoice above the limit is not credited piece by piece.
    if limit_minor is not None and left.total_taken_minor + made.total_minor > limit_minor:
        raise NotAllowed(
            f"{stored.number} is above what you may credit; ask finance or an owner",
            code="above_limit",
            field="invoice",
        )
    taken_minor = min(open_minor, made.total_minor)
    return CreditPlan(stored, left, made, taken_minor, open_minor - taken_minor)


def _wanted(left: Creditable, wanted: Wanted, set_off: Mapping[int, int]) -> Credit:
    """What a person asks to credit, less what a later invoice took back of its lines."""
    rest = {
        number: line.left_minor - min(set_off.get(number, 0), max(line.left_minor, 0))
        for number, line in left.lines.items()
        if not line.is_credit
    }
    match wanted:
        case Whole():
            return credit_lines(left, rest) if set_off else credit_whole(left)
        case Lines(amounts):
            asked = {
                number: rest.get(number) if one is None else one for number, one in amounts.items()
            }
            for number, minor in asked.items():
                if minor is not None and number in set_off and minor > rest[number]:
                    raise Invalid(
                        f"line {number}: a later invoice took {set_off[number]} of it back;"
                        f" {rest[number]} is left",
                        code="above_left",
                        field=f"line_{number}",
                    )
            return credit_lines(left, asked)
        case Sum(amount_minor, with_tax):
            if set_off:
                raise Conflict(
                    "a later invoice took a part of it back; credit it by lines",
                    code="set_off",
                    field="amount",
                )
            return credit_amount(left, amount_minor, with_tax=with_tax)


def credit_document(session: Session, plan: CreditPlan, reason: str, now: datetime) -> Document:
    """The lines at the invoice's rates, in the name of the same people, dated today."""
    stored, made = plan.stored, plan.credit
    note = structs.replace(
        stored.invoice,
        id=new_id(),
        kind=CREDIT_NOTE,
        invoice_on=_today(session, stored.invoice.billing_entity_id, now),
        due_on=_today(session, stored.invoice.billing_entity_id, now),
        net_minor=made.net_minor,
        tax_minor=made.tax_minor,
        total_minor=made.total_minor,
        reference="",
        credits_invoice_id=stored.invoice.id,
        reason=reason.strip(),
        created_at=now,
    )
    lines = stored.numbered
    revenue = revenue_taken(plan.creditable, made)
    return Document(
        note,
        tuple(_line(lines[number], minor, note.currency) for number, minor in made.lines.items()),
        made.taxes,
        ledger.credit_note(revenue, note.tax_minor, plan.taken_minor, note.currency),
        tuple(made.lines),
    )


def _today(session: Session, billing_entity_id: UUID, now: datetime) -> date:
    merchant = merchants.merchant(session)
    entities = {entity.id: entity for entity in merchants.billing_entities(session)}
    today = local_date(now, entities[billing_entity_id].zone)
    if merchant.closed_through is not None and today <= merchant.closed_through:
        raise NotAllowed(
            f"the books are closed through {merchant.closed_through}", code="month_closed"
        )
    return today


def _line(line: Line, amount_minor: int, currency: str) -> Line:
    """The line itself, or the part of it that is credited."""
    if amount_minor == line.rated.amount_minor:
        return line
    explanation = Explanation(
        quantity="1",
        exact=format_minor(amount_minor, currency),
        part_of_minor=line.rated.amount_minor,
        text=read_explanation(line.rated.explanation).text if line.rated.explanation else "",
    )
    part = structs.replace(
        line.rated,
        quantity=Decimal(1),
        amount_minor=amount_minor,
        explanation=msgspec.json.encode(explanation),
    )
    return Line(line.item_id, part)


def _credited_already(number: str) -> Conflict:
    return Conflict(f"{number} is credited already", code="already_credited", field="invoice")
