"""Credit the difference: what a billing run finds too much becomes credit notes, within its flow.

Each line below zero goes back to the invoice lines that its key was billed on, the newest first,
so that a credit note names its invoice and takes VAT back at the original rate. Unlike a credit
note by hand it is claimed: the period is billed for less from now on.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct, structs

from kesto.core.billing import BillingGroup
from kesto.core.crediting import Creditable, credit_lines
from kesto.core.invoice import Document
from kesto.core.invoicing import Draft, totals
from kesto.core.line import Line
from kesto.core.refusals import Conflict
from kesto.flows.credit import CreditPlan, credit_document, creditable_of
from kesto.flows.keep_credit import Kept, keep_credited
from kesto.store import payments
from kesto.store.billed import BilledPlace, BilledPlaces, lines_of_keys
from kesto.store.invoices import Stored
from kesto.store.session import Session

DIFFERENCE = "difference"
"""The reason of such a credit note: what was billed, less what was right."""


class Owed(Struct, frozen=True):
    """A draft below zero and the group that it is of.

    `through` is how far the run reaches, `usage_seen` the last batch of usage that it counts.
    """

    group: BillingGroup
    draft: Draft
    through: date
    usage_seen: int


class Credited(Struct, frozen=True):
    """A credit note that a run makes: its document, and where its sum goes.

    `given_back_minor` comes back of credit that came off the invoice before tax.
    """

    document: Document
    invoice_id: UUID
    taken_minor: int
    kept_minor: int
    given_back_minor: int


class Parted(Struct, frozen=True):
    """A draft below zero taken apart: what is left to invoice (or None), and credit notes."""

    rest: Draft | None
    notes: tuple[Credited, ...]


def credit_difference(
    session: Session, owed: Owed, now: datetime, *, is_writing: bool = True
) -> Parted:
    """Take a draft below zero apart into what is left to invoice and credit notes.

    When `is_writing`, the settlements of the invoices that it goes back to are locked. Raises
    Conflict for lines that can't be found again, which sets the group aside.
    """
    places = lines_of_keys(session, owed.group.id, [one.key for one in owed.draft.lines])
    back = [line for line in owed.draft.lines if _places(line, places)]
    rest = tuple(line for line in owed.draft.lines if not _places(line, places))
    invoices = list(dict.fromkeys(own for line in back for own, _, _ in _places(line, places)))
    if is_writing:
        locked = payments.lock_settlements(session, invoices)
        still_open = {own: one.open_minor for own, one in locked.items()}
    else:
        still_open = {own: payments.open_minor(session, own) for own in invoices}
    left = {own: creditable_of(session, own) for own in invoices}
    wanted: dict[UUID, dict[int, int]] = {}
    claims: dict[UUID, list[Line]] = {}
    for line in back:
        _spread(line, _places(line, places), left, wanted, claims)
    notes = []
    for invoice_id, amounts in wanted.items():
        stored, creditable = left[invoice_id]
        credit = credit_lines(creditable, dict(amounts))
        open_minor = still_open[invoice_id]
        taken_minor = min(open_minor, credit.total_minor)
        plan = CreditPlan(stored, creditable, credit, taken_minor, open_minor - taken_minor)
        document = credit_document(session, plan, DIFFERENCE, now)
        note = structs.replace(
            document.invoice,
            through=owed.through,
            history_seq=owed.group.history_seq,
            usage_seen=owed.usage_seen,
        )
        document = structs.replace(document, invoice=note, claims=tuple(claims[invoice_id]))
        back_minor = plan.given_back_minor
        notes.append(Credited(document, invoice_id, taken_minor, plan.kept_minor, back_minor))
    if not any(line.rated.amount_minor for line in rest):
        return Parted(None, tuple(notes))
    sums = totals(rest, includes_tax=owed.group.includes_tax)
    return Parted(Draft(rest, sums), tuple(notes))


def settle_difference(session: Session, credited: Sequence[Credited], now: datetime) -> None:
    """Take what was credited off what is open, and keep the rest as the customers' credit."""
    if not credited:
        return
    payments.lock_settlements(session, [one.document.invoice.id for one in credited])
    taken: dict[UUID, int] = {}
    for one in credited:
        for invoice_id in (one.invoice_id, one.document.invoice.id):
            taken[invoice_id] = taken.get(invoice_id, 0) + one.taken_minor
    payments.settle(session, {}, taken)
    kept = [
        Kept(one.document.invoice, one.invoice_id, one.kept_minor, one.given_back_minor)
        for one in credited
    ]
    keep_credited(session, kept, now)


def _places(line: Line, places: BilledPlaces) -> Sequence[BilledPlace]:
    """Where a line goes back to: what its key was billed on, in amounts of the other sign.

    A discount that comes late goes back to the lines that it is taken off.
    """
    amount_minor, key = line.rated.amount_minor, line.key
    own = [one for one in places.get(key, ()) if one.amount_minor * amount_minor < 0]
    if own or amount_minor >= 0:
        return own
    return [
        one
        for other, found in places.items()
        if (other.item_id, other.price_id, other.period_start)
        == (key.item_id, key.price_id, key.period_start)
        for one in found
        if one.amount_minor > 0
    ]


def _spread(
    line: Line,
    places: Sequence[BilledPlace],
    left: Mapping[UUID, tuple[Stored, Creditable]],
    wanted: dict[UUID, dict[int, int]],
    claims: dict[UUID, list[Line]],
) -> None:
    """Take a line back from the places where it was billed."""
    missing, revision = -line.rated.amount_minor, line.rated.revision
    for invoice_id, number, _ in places:
        taken = wanted.setdefault(invoice_id, {})
        room = left[invoice_id][1].lines[number].left_minor - taken.get(number, 0)
        part = min(missing, room) if missing > 0 else max(missing, room)
        if part * missing <= 0:
            continue
        taken[number] = taken.get(number, 0) + part
        rated = structs.replace(line.rated, amount_minor=-part, revision=revision)
        claims.setdefault(invoice_id, []).append(Line(line.item_id, rated))
        missing, revision = missing - part, revision + 1
    if missing:
        raise Conflict(
            f"{missing} of item {line.item_id}, {line.rated.kind} from {line.rated.period_start},"
            " can't be found on any invoice"
        )
