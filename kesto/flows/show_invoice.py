"""Show an invoice: everything that stands on it, beside the one before it; reads only."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.adapters.banking.references import printed
from kesto.core.catalog import SoldMeter
from kesto.core.comparison import compare
from kesto.core.invoice import CREDIT_NOTE, Buyer, Seller, read_explanation
from kesto.core.line import CREDIT, DISCOUNT, MINIMUM, USAGE, Key, Line
from kesto.core.plan_swaps import OfPlan
from kesto.countries import COUNTRIES, country
from kesto.store import invoices, merchants, papers, wallets, write_offs
from kesto.store.coupons import coupon_names
from kesto.store.invoices import Parties, Stored
from kesto.store.papers import Credited, Origin, Past, PlanItem
from kesto.store.session import Session, reading
from kesto.store.usage.lines import meters_of, quantities_before
from kesto.words.changes import coupon_name
from kesto.words.messages import LANGUAGES, say
from kesto.words.reasons import metered_name
from kesto.words.views import (
    CreditedView,
    InvoiceView,
    LineView,
    PartyView,
    PastView,
    PreviousView,
    ServiceView,
    TaxView,
    UsageView,
)

MOST_PAST = 13
"""With this one: the same month of last year is there."""

NAMED = {DISCOUNT: "discount_name", CREDIT: "credit_name"}
"""What a line is called by, beside its product's name."""

Names = Mapping[str, str]


def show_invoice(
    merchant_id: UUID, number: str, language: str = "", *, as_issued: bool = False
) -> InvoiceView:
    """The invoice with a number, its products named in a language. Raises NotFound.

    Without a language it is the customer's own. What is left to pay is so now, or with
    `as_issued` what it was on the day of issue, as on the document that was sent.
    """
    with reading(merchant_id) as session:
        invoice_id = invoices.id_of_number(session, number)
        return invoice_views(session, [invoice_id], language, as_issued=as_issued)[invoice_id]


def invoice_views(
    session: Session, ids: Sequence[UUID], language: str = "", *, as_issued: bool = False
) -> dict[UUID, InvoiceView]:
    """The same for many invoices at once, by id."""
    around = _around(session, ids)
    return {
        own: _view(around, around.stored[own], language, as_issued=as_issued)
        for own in ids
        if own in around.stored
    }


def party_view(party: Seller | Buyer, home: str, email: str = "") -> PartyView:
    """A party with its address; abroad, as seen from `home`, the country is its last line."""
    town = f"{party.postal_code} {party.city}".strip()
    abroad = _country_line(party.country) if party.country not in {"", home} else ""
    lines = tuple(line for line in (party.street, town, abroad) if line)
    return PartyView(party.name, lines, party.business_id, party.vat_id, email)


class Metered(Struct, frozen=True):
    """The meters of lines by price, and what lines counted that were corrected since, by key."""

    meters: Mapping[UUID, SoldMeter] = {}
    before: Mapping[Key, Decimal] = {}

    def view(self, line: Line, language: str) -> UsageView | None:
        """The meter of a line that is priced by usage, and what was counted before."""
        rated = line.rated
        meter = self.meters.get(rated.price_id) if rated.kind in {USAGE, MINIMUM} else None
        if meter is None:
            return None
        before = self.before.get(line.key)
        is_late = before is not None and before != rated.quantity
        return replace(
            meter_view(meter, language),
            before=before if is_late else None,
            unpriced=line.unpriced,
        )


NOT_METERED = Metered()


def metered(session: Session, lines: Sequence[Line]) -> Metered:
    """What lines of usage are told with."""
    prices = {one.rated.price_id for one in lines if one.rated.kind in {USAGE, MINIMUM}}
    if not prices:
        return NOT_METERED
    return Metered(meters_of(session, [*prices]), quantities_before(session, lines))


def line_view(
    line: Line,
    products: Mapping[UUID, Names],
    services: Mapping[UUID, ServiceView],
    language: str,
    usage: Metered = NOT_METERED,
    line_no: int = 0,
    named: Mapping[str, Names] = {},
) -> LineView:
    """A line with its product's name, its explanation and the subscription that it is of.

    `named` are the names of coupons by their codes.
    """
    rated = line.rated
    explanation = read_explanation(rated.explanation) if rated.explanation else None
    parts = explanation.parts if explanation else ()
    own_text = explanation.text if explanation else ""
    counted = usage.view(line, language)
    name = own_text or name_in(products[rated.product_id], language)
    if counted is not None:
        name = metered_name(name, counted.name)
    if rated.kind in NAMED:
        name = say(language, NAMED[rated.kind], name=name)
    return LineView(
        name=name,
        period_start=rated.period_start,
        period_end=rated.period_end,
        quantity=rated.quantity,
        amount_minor=rated.amount_minor,
        tax_rate_percent=rated.tax_rate_percent,
        unit_amount=Decimal(parts[0].unit_amount)
        if len(parts) == 1 and rated.kind not in NAMED
        else None,
        kind=rated.kind,
        explanation=explanation,
        service=services.get(line.item_id),
        usage=counted,
        line_no=line_no,
        coupon=coupon_name(named, explanation.discount, language)
        if explanation and explanation.discount
        else "",
    )


def service_views(
    found: Mapping[UUID, Origin], through: date, language: str
) -> dict[UUID, ServiceView]:
    """The subscription of each item; two of one name are told apart by the merchant's own code."""
    titles = {
        service.subscription_id: _plan_name(service, through, language)
        for service in found.values()
    }
    same = Counter(titles.values())
    return {
        own: ServiceView(
            key=str(service.subscription_id),
            title=titles[service.subscription_id],
            note=service.user
            or (service.external_id if same[titles[service.subscription_id]] > 1 else ""),
        )
        for own, service in found.items()
    }


class _Around(Struct, frozen=True):
    """Everything that the invoices asked for, and those before them, are shown with."""

    stored: dict[UUID, Stored]
    parties: dict[UUID, Parties]
    past: dict[UUID, list[Past]]
    origins: dict[UUID, Origin]
    credited: dict[UUID, Credited]
    open_amounts: dict[UUID, int]
    used: Mapping[UUID, int]
    written_off: Mapping[UUID, int]
    products: dict[UUID, dict[str, str]]
    schemes: dict[UUID, str]
    metered: Metered
    plans: dict[UUID, PlanItem]
    coupons: Mapping[str, Names]


def _around(session: Session, ids: Sequence[UUID]) -> _Around:
    past = papers.past(session, ids, MOST_PAST)
    before = {own: series[-2].id for own, series in past.items() if len(series) > 1}
    stored = {one.invoice.id: one for one in invoices.load(session, [*ids, *before.values()])}
    asked = [stored[own] for own in ids if own in stored]
    return _Around(
        stored=stored,
        parties=papers.parties(session, [one.invoice for one in asked]),
        past=past,
        origins=papers.origins(
            session, list({line.item_id for one in asked for line in one.lines})
        ),
        credited=papers.credited(session, ids),
        open_amounts=papers.open_amounts(session, ids),
        used=wallets.used_by(session, ids),
        written_off=write_offs.left_of(session, ids),
        products=invoices.product_names(session),
        schemes={one.id: one.reference_scheme for one in merchants.billing_entities(session)},
        metered=_metered(session, [*stored.values()]),
        plans=papers.plan_items(
            session, list({line.item_id for one in stored.values() for line in one.lines})
        ),
        coupons=coupon_names(session),
    )


def _metered(session: Session, stored: Sequence[Stored]) -> Metered:
    """What usage on invoices is told with; a credit note takes back and counts nothing."""
    billed = [one for one in stored if one.invoice.kind != CREDIT_NOTE]
    return metered(session, [line for one in billed for line in one.lines])


def _view(around: _Around, stored: Stored, language: str, *, as_issued: bool) -> InvoiceView:
    invoice = stored.invoice
    parties = around.parties[invoice.id]
    seller, buyer = parties.seller, parties.buyer
    language = language or (buyer.language if buyer.language in LANGUAGES else "en")
    services = _services(around, stored, language)
    credited = around.credited.get(invoice.id)
    used_minor = around.used.get(invoice.id, 0)
    issued_minor = invoice.total_minor - used_minor
    open_minor = issued_minor if as_issued else around.open_amounts[invoice.id]
    scheme = around.schemes[invoice.billing_entity_id]
    return InvoiceView(
        number=stored.number,
        issued_on=invoice.invoice_on,
        due_on=invoice.due_on,
        currency=invoice.currency,
        includes_tax=invoice.includes_tax,
        seller=party_view(seller, seller.country, seller.email),
        buyer=party_view(buyer, seller.country),
        lines=tuple(
            line_view(
                *(line, around.products, services, language, around.metered, number),
                named=around.coupons,
            )
            for number, line in zip(stored.line_numbers, stored.lines, strict=True)
        ),
        taxes=tuple(
            TaxView(group.rate_percent, group.net_minor, group.tax_minor) for group in stored.taxes
        ),
        open_minor=0 if credited else open_minor,
        reference=printed(scheme, invoice.reference) if invoice.reference else "",
        iban=seller.iban,
        kind="credit_note" if invoice.kind == CREDIT_NOTE else "invoice",
        credits=credited.number if credited else "",
        order_number=buyer.order_number,
        buyer_reference=buyer.buyer_reference,
        language=language,
        bic=seller.bic,
        customer_number=buyer.external_id,
        credited=_credited(credited) if credited else None,
        previous=_previous(around, stored, language),
        credit_used_minor=used_minor,
        written_off_minor=0 if as_issued else around.written_off.get(invoice.id, 0),
        history=tuple(
            PastView(past.invoice_on, past.total_minor) for past in around.past.get(invoice.id, ())
        ),
    )


def _services(around: _Around, stored: Stored, language: str) -> dict[UUID, ServiceView]:
    items = {line.item_id for line in stored.lines if line.item_id in around.origins}
    found = {own: around.origins[own] for own in items}
    return service_views(found, stored.invoice.through, language)


def _plan_name(service: Origin, through: date, language: str) -> str:
    """The name of the plan that ran on a day, or of the first one."""
    begun = [names for start_on, names in service.plans if start_on <= through]
    names = begun[-1] if begun else service.plans[0][1] if service.plans else {}
    return name_in(names, language) or service.external_id


def _previous(around: _Around, stored: Stored, language: str) -> PreviousView | None:
    """The invoice before this one in its group, and why the sums differ."""
    series = around.past.get(stored.invoice.id, ())
    if len(series) < 2:  # noqa: PLR2004 - itself, and one before it
        return None
    before = around.stored[series[-2].id]
    is_net = not stored.invoice.includes_tax
    tax_change_minor = stored.invoice.tax_minor - before.invoice.tax_minor if is_net else 0
    reasons = compare(
        before.lines,
        stored.lines,
        stored.invoice.currency,
        meters={own: meter.code for own, meter in around.metered.meters.items()},
        plans={own: OfPlan(one.subscription_id, one.plan) for own, one in around.plans.items()},
        tax_change_minor=tax_change_minor,
    )
    named = {reason.product_id for reason in reasons if reason.product_id}
    return PreviousView(
        number=before.number,
        issued_on=before.invoice.invoice_on,
        total_minor=before.invoice.total_minor,
        reasons=reasons,
        names={own: name_in(around.products[own], language) for own in named},
        meters={
            meter.code: meter_view(meter, language) for meter in around.metered.meters.values()
        },
        plans={one.plan: name_in(one.names, language) for one in around.plans.values()},
        coupons={
            one.coupon: coupon_name(around.coupons, one.coupon, language)
            for one in reasons
            if one.coupon
        },
    )


def _credited(credited: Credited) -> CreditedView:
    return CreditedView(
        credited.invoice_on,
        credited.total_minor,
        credited.taken_minor,
        credited.credited_minor,
        credited.left_minor,
    )


def meter_view(meter: SoldMeter, language: str) -> UsageView:
    """A meter as it is told."""
    return UsageView(name_in(meter.names, language), meter.unit)


def _country_line(code: str) -> str:
    """The country as postal services read it: its English name in capitals, or its code."""
    return country(code).name.upper() if code in COUNTRIES else code


def name_in(names: Names, language: str) -> str:
    """The name in the language, else in the first one that it has."""
    return names.get(language) or next(iter(names.values()), "")
