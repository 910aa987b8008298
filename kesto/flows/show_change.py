"""Show a change before it is made: its bills laid out as invoices are, its events in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.differences import Differences, Outlook, differences
from kesto.core.history import PlanChanged, SubscriptionEvent
from kesto.core.invoicing import totals
from kesto.core.life import Life
from kesto.core.line import CREDIT, Line
from kesto.core.tax import TaxGroup
from kesto.flows.preview_change import Bill, GroupPreview
from kesto.flows.preview_next import NOBODY
from kesto.flows.show_invoice import line_view, metered, service_views
from kesto.store import invoices, papers
from kesto.store.coupons import coupon_names
from kesto.store.office import customer
from kesto.store.papers import Origin
from kesto.store.session import Session
from kesto.words.views import InvoiceView, TaxView

Names = Mapping[str, str]


class ShownBill(Struct, frozen=True):
    """A bill that would come: its day and what stands on it; below zero it is a credit note."""

    bill_on: date
    view: InvoiceView


class ShownGroup(Struct, frozen=True):
    """What one payer is billed with the change, and what next without it."""

    payer_id: UUID
    payer: str
    bills: tuple[ShownBill, ...]
    before: ShownBill | None
    currency: str = ""
    differences: Differences = Differences()


class About(Struct, frozen=True):
    """The subscription that a change is about, as its lines are headed.

    `only_own` leaves out what the payer has besides: somebody looks whom it is no business of.
    """

    origin: Origin
    only_own: bool = False


def about(
    session: Session,
    life: Life,
    external_id: str,
    events: Sequence[SubscriptionEvent],
    sold: Mapping[UUID, Names],
    *,
    only_own: bool = False,
) -> About:
    """The subscription of a life with the plans that events bring."""
    known = papers.origins(session, [item.id for item in life.items])
    origin = next(iter(known.values()), Origin(life.subscription_id, external_id, "", ()))
    coming = [
        (event.on, dict(sold.get(event.items[0].owner_id, {})))
        for event in events
        if isinstance(event, PlanChanged) and event.items
    ]
    plans = tuple(sorted([*origin.plans, *coming], key=lambda one: one[0]))
    return About(replace(origin, plans=plans), only_own)


def shown_groups(
    session: Session, groups: Sequence[GroupPreview], subject: About, language: str
) -> list[ShownGroup]:
    """Each payer's bills as invoices are shown."""
    products = invoices.product_names(session)
    people = customer.names_of(session, [group.payer_id for group in groups])
    found = []
    for group in groups:
        bills = [_shown(session, bill, group, subject, products, language) for bill in group.bills]
        before = group.before
        found.append(
            ShownGroup(
                payer_id=group.payer_id,
                payer=people.get(group.payer_id, ""),
                bills=tuple(bill for bill in bills if bill.view.lines),
                before=_shown(session, before, group, subject, products, language)
                if before
                else None,
                currency=group.currency,
                differences=_differences(session, group, subject),
            )
        )
    return found


def telling(bills: Sequence[ShownBill]) -> list[tuple[int, ShownBill]]:
    """The bills that a page shows, by their place: the next two, and the last, of the change."""
    last = len(bills) - 1
    return [(place, bill) for place, bill in enumerate(bills) if place <= 1 or place == last]


def _differences(session: Session, group: GroupPreview, subject: About) -> Differences:
    """What the change makes of the bills to come, or of the lines of the subscription only."""
    if not subject.only_own:
        return group.differences
    both = (group.after, group.unchanged)
    items = {line.item_id for one in both for bill in one.bills for line in bill.draft.lines}
    own = subject.origin.subscription_id
    known = papers.origins(session, list(items))
    origins = {item: known.get(item, subject.origin) for item in items}
    after, before = (
        Outlook(
            [
                (bill.bill_on, sum(tax.gross_minor for tax in _own(bill, group, origins, own)[1]))
                for bill in one.bills
            ],
            one.goes_on,
        )
        for one in both
    )
    return differences(after, before)


def _own(
    bill: Bill, group: GroupPreview, origins: Mapping[UUID, Origin], own: UUID
) -> tuple[tuple[Line, ...], tuple[TaxGroup, ...]]:
    """The lines of one subscription, and their VAT; credit before tax is the payer's."""
    sold = [line for line in bill.draft.lines if line.rated.kind != CREDIT]
    lines = tuple(one for one in sold if origins[one.item_id].subscription_id == own)
    return lines, totals(lines, includes_tax=group.includes_tax).taxes


def _shown(
    session: Session,
    bill: Bill,
    group: GroupPreview,
    subject: About,
    products: Mapping[UUID, Names],
    language: str,
) -> ShownBill:
    known = papers.origins(session, list({line.item_id for line in bill.draft.lines}))
    sold = [line for line in bill.draft.lines if line.rated.kind != CREDIT]
    origins = {line.item_id: known.get(line.item_id, subject.origin) for line in sold}
    own = subject.origin.subscription_id
    origins = {
        item: subject.origin if one.subscription_id == own else one for item, one in origins.items()
    }
    lines, taxes = bill.draft.lines, bill.taxes
    if subject.only_own:
        lines, taxes = _own(bill, group, origins, own)
    services = service_views(origins, bill.bill_on, language)
    usage, coupons = metered(session, lines), coupon_names(session)
    view = InvoiceView(
        number="",
        issued_on=bill.bill_on,
        due_on=bill.bill_on,
        currency=group.currency,
        includes_tax=group.includes_tax,
        seller=NOBODY,
        buyer=NOBODY,
        lines=tuple(
            line_view(line, products, services, language, usage, named=coupons) for line in lines
        ),
        taxes=tuple(TaxView(tax.rate_percent, tax.net_minor, tax.tax_minor) for tax in taxes),
        open_minor=sum(tax.gross_minor for tax in taxes),
        language=language,
    )
    return ShownBill(bill.bill_on, view)
