"""Every invoice computed anew: from history, published prices and VAT rates, never from itself.

A billing group's invoices are made again in their order, each from the events that were known to
it, as the difference to what the ones before it should have billed. The functions are those of
the billing run; what is stored is only compared with.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from kesto.core.billing import BillingEntity
from kesto.core.by_hand import differences, is_by_hand
from kesto.core.calendar import local_date
from kesto.core.counting import Ask, asked
from kesto.core.credit_lines import Day, with_credit
from kesto.core.discount_lines import StandingDiscount
from kesto.core.history import Told
from kesto.core.ids import shown
from kesto.core.invoice import CREDIT_NOTE, INVOICE, Invoice
from kesto.core.invoicing import Billed, Draft, draft, due_date, totals
from kesto.core.item import Item
from kesto.core.life_items import Listing, discounts_of, items_of, lives_of
from kesto.core.line import CREDIT, Key, Line
from kesto.core.rating import Rater
from kesto.core.tax import TaxGroup
from kesto.store.billed import TakenBack, take_back
from kesto.store.invoices import Stored
from kesto.store.proof import Case, Written
from kesto.verify.finding import Finding, finding
from kesto.verify.history import first_groups, told_of
from kesto.verify.invoices import I10
from kesto.verify.sources import Sources
from kesto.verify.subscriptions import S2

MOST_DIFFERENCES = 8
BEFORE_ALL = date.min + timedelta(days=1)
COMPARED = (
    "period_end",
    "quantity",
    "amount_minor",
    "tax_category",
    "tax_rate_percent",
    "product_id",
)


def recompute(case: Case, sources: Sources) -> Iterator[Finding]:
    """Compare a group's invoices with what they should be, and its end with what is due."""
    group = case.group
    if not case.events and case.documents:
        yield from _by_hand(case, sources)
        return
    rater = sources.raters[group.billing_entity_id]
    whole = told_of(case)
    beginnings = first_groups(case, whole)
    billed: dict[Key, Billed] = {}
    known = -1
    agreed = _Agreed((), ())
    before: date | None = None
    for made_at_once in _in_order(case):
        first = made_at_once[0].stored.invoice
        if first.kind == CREDIT_NOTE and not made_at_once[0].claims:
            _give_back(billed, made_at_once)
            known = -1  # what was given back by hand bounds what may be credited: look at it all
            continue
        told = [one for one in whole if one.seq <= first.history_seq]
        is_news = len(told) != known
        if is_news:
            agreed, known = _agreed(case, told, beginnings, sources), len(told)
        # Without news since the invoice before, only what fell due since then can be on it; usage
        # may have come late.
        after = None if is_news or agreed.is_metered else before
        counting = rater.counting(sources.usage.seen(first.usage_seen))
        due = counting.due_lines(agreed.items, after, first.through, agreed.discounts)
        made = draft(due, billed if after is None else {}, includes_tax=group.includes_tax)
        yield from _compared(case, made_at_once, made, billed, sources)
        before = first.through
    agreed = _agreed(case, whole, beginnings, sources)
    counting = rater.counting(sources.usage.seen(group.usage_seen))
    yield from _unbilled(case, counting, agreed, billed)


def used_in(case: Case, sources: Sources) -> Iterator[Ask]:
    """What the group's metered prices will ask for, as its whole history has it."""
    last = max((one.invoice.through for one in _invoices(case)), default=case.group.billed_through)
    if last is None or not case.events:
        return
    whole = told_of(case)
    agreed = _agreed(case, whole, first_groups(case, whole), sources)
    if agreed.is_metered:
        yield from asked(agreed.items, None, last, sources.usage.meters)


def _compared(
    case: Case,
    documents: Sequence[Written],
    made: Draft,
    billed: dict[Key, Billed],
    sources: Sources,
) -> Iterator[Finding]:
    """Compare what was made at once, an invoice and credit notes, with what it should be."""
    includes_tax = case.group.includes_tax
    invoices = [one for one in documents if one.stored.invoice.kind == INVOICE]
    claims = [claim for one in documents for claim in one.claims]
    if claims:
        yield from _other_claims(case, documents, made, claims)
        taken = {claim.key for claim in claims}
        rest = tuple(line for line in made.lines if line.key not in taken)
        made = Draft(rest, totals(rest, includes_tax=includes_tax))
        if not invoices and not made.is_empty:
            missing = [f"not invoiced: item {one.item_id}" for one in rest]
            note = documents[-1].stored.invoice.id
            yield finding(I10, invoice=note, customer=case.payer, differences=missing)
    for written in invoices:
        stored = written.stored
        sold = _as_told(made, stored.lines, billed, includes_tax=includes_tax)
        told = _with_credit(sold, written, sources.entities)
        differences = [
            *_other_header(stored.invoice, told, case, sources.entities),
            *_other_lines(stored.lines, told.lines),
            *_other_taxes(stored.taxes, told.totals.taxes),
        ]
        if differences:
            yield finding(
                I10,
                invoice=stored.invoice.id,
                customer=case.payer,
                differences=differences[:MOST_DIFFERENCES],
            )
        _count(billed, sold.lines)
    for claim in claims:
        take_back(billed, claim)


def _other_claims(
    case: Case,
    documents: Sequence[Written],
    made: Draft,
    claims: Sequence[TakenBack],
) -> Iterator[Finding]:
    """Compare what credit notes claim with what should have been credited."""
    stored: dict[Key, int] = {}
    for claim in claims:
        stored[claim.key] = stored.get(claim.key, 0) + claim.amount_minor
    wanted = {line.key: line.rated.amount_minor for line in made.lines if line.key in stored}
    differences = [
        f"credited {minor} of item {key.item_id} from {key.period_start},"
        f" recomputed {wanted.get(key, 0)}"
        for key, minor in stored.items()
        if wanted.get(key, 0) != minor
    ]
    if differences:
        yield finding(
            I10,
            invoice=documents[-1].stored.invoice.id,
            customer=case.payer,
            differences=differences[:MOST_DIFFERENCES],
        )


def _give_back(billed: dict[Key, Billed], notes: Sequence[Written]) -> None:
    """Remember what was credited by hand."""
    for note in notes:
        for line in note.stored.lines:
            known = billed.get(line.key)
            if known is not None:
                credited_minor = known.credited_minor + line.rated.amount_minor
                billed[line.key] = replace(known, credited_minor=credited_minor)


class _Agreed(NamedTuple):
    """What a group is billed from as a history has it."""

    items: Sequence[Item]
    discounts: Sequence[StandingDiscount]

    @property
    def is_metered(self) -> bool:
        """Whether anything is priced by what was used."""
        return any(price.meter for item in self.items for price in item.prices)


def _agreed(
    case: Case, told: Sequence[Told], beginnings: Mapping[UUID, UUID], sources: Sources
) -> _Agreed:
    group = case.group
    lives = lives_of(told, beginnings)
    listing = Listing(sources.prices, sources.product, group.currency, group.includes_tax)
    return _Agreed(items_of(lives, group.id, listing), discounts_of(lives, group.id))


def _with_credit(made: Draft, written: Written, entities: Mapping[UUID, BillingEntity]) -> Draft:
    """What an invoice should be with the credit that is said to have come off it."""
    invoice = written.stored.invoice
    zone = entities[invoice.billing_entity_id].zone
    day = Day(invoice.invoice_on, zone, invoice.currency, invoice.includes_tax)
    return with_credit(made, written.credit, day)


def _by_hand(case: Case, sources: Sources) -> Iterator[Finding]:
    """An invoice that a person wrote: no history says what it should be, its own lines do."""
    for written in case.documents:
        stored = written.stored
        if stored.invoice.kind != INVOICE:
            continue
        sold = tuple(line for line in stored.lines if line.rated.kind != CREDIT)
        made = Draft(sold, totals(sold, includes_tax=stored.invoice.includes_tax))
        made = _with_credit(made, written, sources.entities)
        found = [
            *_other_header(stored.invoice, made, case, sources.entities),
            *_other_taxes(stored.taxes, made.totals.taxes),
            *_other_lines(stored.lines, made.lines),
        ]
        if is_by_hand(sold):
            found += differences(sold, stored.invoice.currency)
        else:
            found.append("its lines are those of a subscription that is not there")
        if found:
            yield finding(
                I10,
                invoice=stored.invoice.id,
                customer=case.payer,
                differences=found[:MOST_DIFFERENCES],
            )


def _invoices(case: Case) -> list[Stored]:
    return [one.stored for one in case.documents if one.stored.invoice.kind == INVOICE]


def _in_order(case: Case) -> list[list[Written]]:
    """The group's documents as they were made; what a run made at once stands together.

    Each invoice knew as much as the one before it, or more. A credit note by hand stands alone.
    """
    made: dict[tuple[object, ...], list[Written]] = {}
    for one in case.documents:
        invoice = one.stored.invoice
        moment: tuple[object, ...] = (invoice.created_at, invoice.history_seq, invoice.through)
        if invoice.kind == CREDIT_NOTE and not one.claims:
            moment = (invoice.created_at, invoice.id)
        made.setdefault(moment, []).append(one)
    return sorted(made.values(), key=_place)


def _place(documents: Sequence[Written]) -> tuple[datetime, UUID]:
    invoice = documents[0].stored.invoice
    return invoice.created_at, invoice.id


def _as_told(
    made: Draft, stored: Sequence[Line], billed: Mapping[Key, Billed], *, includes_tax: bool
) -> Draft:
    """Leave out what came to nothing by itself before: such lines make no invoice of their own.

    A line of zero for a new key may have been passed over by a run that found nothing else.
    """
    shown_keys = {line.key for line in stored}
    lines = tuple(
        line
        for line in made.lines
        if line.rated.amount_minor or line.key in shown_keys or line.key in billed
    )
    if len(lines) == len(made.lines):
        return made
    return Draft(lines, totals(lines, includes_tax=includes_tax))


def _count(billed: dict[Key, Billed], lines: Sequence[Line]) -> None:
    for line in lines:
        before = billed.get(line.key) or Billed(0, line.rated)
        amount_minor = before.amount_minor + line.rated.amount_minor
        billed[line.key] = Billed(amount_minor, line.rated, before.credited_minor)


def _other_header(
    invoice: Invoice, made: Draft, case: Case, entities: Mapping[UUID, BillingEntity]
) -> Iterator[str]:
    group = case.group
    entity = entities[group.billing_entity_id]
    invoice_on = local_date(invoice.created_at, entity.zone)
    wanted = {
        "customer_id": group.payer_id,
        "billing_entity_id": entity.id,
        "currency": group.currency,
        "includes_tax": group.includes_tax,
        "invoice_on": invoice_on,
        "due_on": due_date(invoice_on, group.due_days),
        "net_minor": made.totals.net_minor,
        "tax_minor": made.totals.tax_minor,
        "total_minor": made.totals.total_minor,
        "credits_invoice_id": None,
    }
    for name, value in wanted.items():
        if getattr(invoice, name) != value:
            yield f"{name}: {getattr(invoice, name)}, recomputed {value}"


def _other_lines(stored: Sequence[Line], made: Sequence[Line]) -> Iterator[str]:
    if tuple(stored) == tuple(made):
        return
    wanted = {(line.key, line.rated.revision): line for line in made}
    is_same = True
    for number, line in enumerate(stored, 1):
        other = wanted.pop((line.key, line.rated.revision), None)
        differences = _other_fields(line, other) if other else ["is not due"]
        for difference in differences:
            is_same = False
            yield f"line {number} {difference}"
    for line in wanted.values():
        is_same = False
        rated = line.rated
        yield (
            f"a line is missing: item {line.item_id}, {rated.kind} from {rated.period_start} to"
            f" {rated.period_end}, revision {rated.revision}, amount_minor {rated.amount_minor}"
        )
    if is_same:
        yield "the lines stand in another order"


def _other_fields(line: Line, other: Line) -> list[str]:
    stored, made = line.rated, other.rated
    found = [
        f"{name}: {getattr(stored, name)}, recomputed {getattr(made, name)}"
        for name in COMPARED
        if getattr(stored, name) != getattr(made, name)
    ]
    if stored.explanation != made.explanation:
        is_, should_be = stored.explanation.decode(errors="replace"), made.explanation.decode()
        # Another amount has another explanation: it is shown where it differs by itself.
        whole = f": {is_}, recomputed {should_be}"
        found.append("explanation differs" if found else f"explanation{whole}")
    return found


def _other_taxes(stored: Sequence[TaxGroup], made: Sequence[TaxGroup]) -> Iterator[str]:
    left = {(group.category, group.rate_percent): group for group in made}
    for group in stored:
        other = left.pop((group.category, group.rate_percent), None)
        if group != other:
            yield f"VAT {_tax_text(group)}, recomputed {_tax_text(other)}"
    for group in left.values():
        yield f"VAT is missing: {_tax_text(group)}"


def _tax_text(group: TaxGroup | None) -> str:
    if group is None:
        return "none"
    return (
        f"{group.category} {group.rate_percent} %: net_minor {group.net_minor},"
        f" tax_minor {group.tax_minor}"
    )


def _unbilled(
    case: Case, rater: Rater, agreed: _Agreed, billed: Mapping[Key, Billed]
) -> Iterator[Finding]:
    """What fell due by `billed_through` and is on no invoice, and groups that would oversleep.

    A group with a change in its past is looked at by the next run, which takes care of both.
    """
    group = case.group
    own = shown("billing_group", group.id)
    last = max((one.invoice.through for one in _invoices(case)), default=None)
    if last is not None and (group.billed_through is None or group.billed_through < last):
        problem = f"billed through {group.billed_through}, but an invoice reaches {last}"
        yield finding(S2, group=own, customer=case.payer, problem=problem)
    if group.dirty_from is not None:
        return
    if group.billed_through is not None:
        due = rater.due_lines(agreed.items, None, group.billed_through, agreed.discounts)
        for line in draft(due, billed, includes_tax=group.includes_tax).lines:
            if line.rated.amount_minor:
                yield finding(
                    S2,
                    group=own,
                    customer=case.payer,
                    problem="due and not billed",
                    item=str(line.item_id),
                    kind=line.rated.kind,
                    period_start=line.rated.period_start,
                    amount_minor=line.rated.amount_minor,
                )
    next_due_on = rater.next_due_on(agreed.items, group.billed_through or BEFORE_ALL)
    if next_due_on != group.next_due_on:
        problem = f"next work on {group.next_due_on}, but due on {next_due_on}"
        yield finding(S2, group=own, customer=case.payer, problem=problem)
