"""The catalogue: what is sold, in which versions, at which prices, and who has which."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext
from msgspec import Struct

from kesto.core.catalog import AddOn, Coupon, DeliverySchedule, Feature, PlanVersion, Price
from kesto.core.pricing.time_series import TimeSeries
from kesto.core.refusals import NotFound
from kesto.store import catalogue as store
from kesto.store import coupons as coupon_store
from kesto.store import meters as meter_store
from kesto.store import portal_offers, price_series
from kesto.store.office.catalogue import taken
from kesto.store.price_series import Extent
from kesto.store.session import reading
from kesto.web.office import kept, words, written
from kesto.web.office.editor_words import (
    AGGREGATIONS,
    CHOICES,
    KINDS,
    LATE,
    LENGTHS,
    MODELS,
    TAX_CATEGORIES,
)
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.subscriptions import price_summary, price_words
from kesto.web.ui.delivery_words import schedule_words
from kesto.web.ui.language import words_language
from kesto.web.ui.tariffs import Meters, interval_words
from kesto.words import forms

Sold = TypeVar("Sold", PlanVersion, AddOn)
ONE = Decimal(1)


class Line(Struct, frozen=True):
    """A price in words: its product, what it costs, when, and what else it says."""

    name: str
    amount: str
    note: str
    when: str


class Version(Struct, frozen=True):
    """A version with its prices in words and how many subscriptions have it."""

    published: PlanVersion | AddOn
    lines: Sequence[Line]
    count: int


def newest(versions: Iterable[Sold]) -> dict[str, Sold]:
    """The newest version of each plan or add-on, by code."""
    found: dict[str, Sold] = {}
    for one in sorted(versions, key=lambda one: one.version):
        found[one.plan if isinstance(one, PlanVersion) else one.code] = one
    return dict(sorted(found.items()))


def prices_in_short(published: PlanVersion | AddOn, meters: Meters) -> str:
    """The prices of a version's first price list in a line."""
    first, *_ = published.prices
    shown = (first.currency, first.includes_tax)
    own_list = [one for one in published.prices if (one.currency, one.includes_tax) == shown]
    return price_summary(own_list, meters)


def price_lines(published: PlanVersion | AddOn, meters: Meters) -> list[Line]:
    """The prices of a version in words."""
    phases = published.phases if isinstance(published, PlanVersion) else ()
    return [
        _line(price, [phases[place].code for place in price.phases], meters)
        for price in published.prices
    ]


@office("catalogue")
def catalogue(request: OfficeRequest) -> HttpResponse:
    """List everything that is sold."""
    with reading(request.staff.desk.merchant_id) as session:
        plans = newest(one for one, _ in store.plan_versions(session).values())
        add_ons = newest(one for one, _ in store.add_ons(session).values())
        products = store.products(session)
        meters = meter_store.meters(session)
        features = meter_store.features(session)
        coupons = coupon_store.coupons(session)
        counts = taken(session, request.staff.today)
        offered = portal_offers.offered(session)
        series = price_series.all_series(session)
        extents = price_series.extents(session)
    today = request.staff.today
    return page(
        request,
        "catalogue",
        "catalogue",
        drafts=kept.kept_drafts(request),
        plans=[
            _listed(code, one, counts.get(one.id, 0), meters, is_offered=("plan", code) in offered)
            for code, one in plans.items()
        ],
        add_ons=[
            _listed(
                code, one, counts.get(one.id, 0), meters, is_offered=("add_on", code) in offered
            )
            for code, one in add_ons.items()
        ],
        products=[
            (one, written.name(one.names), words.said(TAX_CATEGORIES, one.tax_category))
            for one in products.values()
        ],
        meters=[
            (
                *(one, written.name(one.names), words.said(AGGREGATIONS, one.meter.aggregation)),
                words.said(LATE, one.late),
            )
            for one in meters.values()
        ],
        features=[
            (one, written.name(one.names), words.said(KINDS, one.kind)) for one in features.values()
        ],
        series=[(one, extents.get(one.id, Extent())) for one in series.values()],
        coupons=[
            (one, written.name(one.names), coupon_words(one), _is_over(one, today))
            for one in coupons.values()
        ],
    )


@office("catalogue")
def plan(request: OfficeRequest, code: str) -> HttpResponse:
    """Show a plan in all its versions."""
    with reading(request.staff.desk.merchant_id) as session:
        versions = [one for one, _ in store.plan_versions(session).values() if one.plan == code]
        given = meter_store.features(session), meter_store.meters(session)
        counts = taken(session, request.staff.today)
        is_offered = ("plan", code) in portal_offers.offered(session)
    return _shown(request, code, versions, given, counts, is_plan=True, is_offered=is_offered)


@office("catalogue")
def add_on(request: OfficeRequest, code: str) -> HttpResponse:
    """Show an add-on in all its versions."""
    with reading(request.staff.desk.merchant_id) as session:
        versions = [one for one, _ in store.add_ons(session).values() if one.code == code]
        given = meter_store.features(session), meter_store.meters(session)
        counts = taken(session, request.staff.today)
        is_offered = ("add_on", code) in portal_offers.offered(session)
        plans = newest(one for one, _ in store.plan_versions(session).values())
    return _shown(
        *(request, code, versions, given, counts),
        is_plan=False,
        is_offered=is_offered,
        plans=plans,
    )


def coupon_words(coupon: Coupon) -> str:
    """What a coupon gives, and for how long."""
    language = words_language()
    if coupon.percent:
        worth = forms.percent(coupon.percent, language)
    else:
        worth = written.money(coupon.amount_minor, coupon.currency)
    match coupon.duration:
        case "once":
            return gettext("%(sum)s once") % {"sum": worth}
        case "periods":
            return gettext("%(sum)s for %(n)d periods") % {"sum": worth, "n": coupon.periods}
    return gettext("%(sum)s for good") % {"sum": worth}


def delivery_words(delivery: DeliverySchedule | None) -> list[str]:
    """How often something is delivered and what skipping does, a sentence each."""
    counted_from = delivery.counted_from if delivery else None
    return schedule_words(delivery, written.day(counted_from))


def _shown(
    request: OfficeRequest,
    code: str,
    versions: Sequence[PlanVersion | AddOn],
    given: tuple[Mapping[str, Feature], Meters],
    counts: Mapping[UUID, int],
    *,
    is_plan: bool,
    is_offered: bool,
    plans: Mapping[str, PlanVersion] | None = None,
) -> HttpResponse:
    if not versions:
        raise NotFound("there is no such plan or add-on", code="unknown_plan", field="code")
    features, meters = given
    latest, *_ = ordered = sorted(versions, key=lambda one: -one.version)
    return page(
        request,
        "plan",
        "catalogue",
        name=written.name(latest.names),
        code=code,
        is_plan=is_plan,
        is_offered=is_offered,
        latest=latest,
        at_term_end=words.said(CHOICES["at_term_end"], latest.terms.at_term_end)
        if isinstance(latest, PlanVersion)
        else "",
        phases=phase_sentences(latest),
        gives=_gives(latest, features),
        delivery=delivery_words(latest.delivery),
        only_with=only_with(latest, plans or {}),
        versions=[Version(one, price_lines(one, meters), counts.get(one.id, 0)) for one in ordered],
    )


def _listed(
    code: str, latest: PlanVersion | AddOn, count: int, meters: Meters, *, is_offered: bool
) -> tuple[str, str, int, str, int, bool]:
    """A row of the list: code, name, version, prices, how many have it, whether offered."""
    said = prices_in_short(latest, meters)
    return code, written.name(latest.names), latest.version, said, count, is_offered


def _line(price: Price, phases: Sequence[str], meters: Meters) -> Line:
    reckoning, amount = price_words(price, ONE, meters)
    notes = [words.said(MODELS, price.spec.name)]
    if price.meter:
        amount = gettext("by use")
    if reckoning:
        notes.append(reckoning)
    if price.meter:
        notes.append(gettext("counted by %(meter)s") % {"meter": price.meter})
    if isinstance(price.spec.model, TimeSeries) and price.spec.model.code:
        notes.append(gettext("prices of the series %(code)s") % {"code": price.spec.model.code})
    if phases:
        notes.append(gettext("only in: %(phases)s") % {"phases": ", ".join(phases)})
    for name, sentence in (
        ("minimum", gettext("at least %(sum)s")),
        ("maximum", gettext("at most %(sum)s")),
    ):
        limit: Decimal | None = getattr(price.spec, name)
        if limit is not None and not reckoning:  # a tariff says its own
            exact = forms.exact_amount(limit, price.currency, words_language())
            notes.append(sentence % {"sum": exact})
    notes.append(gettext("with VAT") if price.includes_tax else gettext("without VAT"))
    when = gettext("once")
    if price.interval is not None:
        charged = words.said(CHOICES["charged"], price.charged)
        when = f"{interval_words(price.interval)}, {charged}"
    return Line(written.name(price.product.names), amount, "; ".join(notes), when)


def phase_sentences(latest: PlanVersion | AddOn) -> list[str]:
    """The phases of a plan, each in a sentence."""
    if isinstance(latest, AddOn):
        return []
    found = []
    for phase in latest.phases:
        names = {"name": phase.code, "share": forms.percent(phase.percent, words_language())}
        if phase.length is None:
            found.append(gettext("%(name)s: after that, %(share)s of the fixed prices") % names)
        else:
            unit = words.said(LENGTHS, phase.length.unit)
            names["length"] = f"{phase.length.count} {unit}"
            found.append(gettext("%(name)s: %(length)s, %(share)s of the fixed prices") % names)
    return found


def only_with(sold: PlanVersion | AddOn, plans: Mapping[str, PlanVersion]) -> str:
    """The plans that an add-on goes with, by name; nothing where it goes with every plan."""
    codes = sold.plans if isinstance(sold, AddOn) else ()
    return ", ".join(written.name(plans[code].names) if code in plans else code for code in codes)


def _gives(latest: PlanVersion | AddOn, features: Mapping[str, Feature]) -> list[str]:
    """What a version gives of features."""
    found = []
    for one in latest.entitlements:
        name = written.name(features[one.feature].names) if one.feature in features else one.feature
        limit = f": {written.number(one.limit)}" if one.limit is not None else ""
        found.append(f"{name}{limit}")
    return found


def _is_over(coupon: Coupon, today: date) -> bool:
    return coupon.valid_until is not None and coupon.valid_until < today
