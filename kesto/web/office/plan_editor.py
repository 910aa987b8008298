"""The editor of plans and add-ons: typed as rows, computed beside, shown once more, published."""

from datetime import datetime

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.catalog import AddOn, PlanVersion
from kesto.core.refusals import Conflict, Invalid, NotFound, Refused, RefusedTogether
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store import catalogue as store
from kesto.store import meters, portal_offers, price_series
from kesto.store.office.catalogue import taken
from kesto.store.session import Session, reading
from kesto.web.office import kept, words, written
from kesto.web.office.catalogue import (
    delivery_words,
    newest,
    only_with,
    phase_sentences,
    price_lines,
)
from kesto.web.office.draft import Draft, Noun, change, posted
from kesto.web.office.draft_plan import Known, Offer, begun, draft_of, offer_of
from kesto.web.office.editor_page import Asked, Editor
from kesto.web.office.editor_words import LABELS, TAX_CATEGORIES
from kesto.web.office.estimate import bill_of, chart_of, goes_by_quantity, quantity_of
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.rates import Rate, rates_on
from kesto.web.ui.said import say

AWAY = {
    "discard": "office:catalogue",
    "later": "office:catalogue",
    "feature": "office:new_feature",
}
"""Where one goes with a draft that is not ready."""

BOTH = ("GET", "HEAD", "POST")


@office("publish", methods=BOTH)
def new_plan(request: OfficeRequest) -> HttpResponse:
    """Make a plan."""
    return _edit(request, "plan", None)


@office("publish", methods=BOTH)
def next_plan(request: OfficeRequest, code: str) -> HttpResponse:
    """Make the next version of a plan."""
    return _edit(request, "plan", code)


@office("publish", methods=BOTH)
def new_add_on(request: OfficeRequest) -> HttpResponse:
    """Make an add-on."""
    return _edit(request, "add_on", None)


@office("publish", methods=BOTH)
def next_add_on(request: OfficeRequest, code: str) -> HttpResponse:
    """Make the next version of an add-on."""
    return _edit(request, "add_on", code)


def _edit(request: OfficeRequest, noun: Noun, code: str | None) -> HttpResponse:
    with reading(request.staff.desk.merchant_id) as session:
        known = _known(session, request.staff.currency)
        rates = rates_on(session, request.staff.today)
        counts = taken(session, request.staff.today)
        all_published = _published(session, noun)
        is_offered = (noun, code) in portal_offers.offered(session)
    before = _before(noun, code, known)
    version = before.version + 1 if before else 1
    if request.method != "POST":
        return _begin(request, noun, known, rates, before, is_offered=is_offered)
    do = request.POST.get("do", "compute")
    draft, offer = _typed(request, noun, code, known, version)
    if do in AWAY:
        return _leave(request, do)
    errors = dict(offer.errors)
    if code is None and (_code(offer), 1) in all_published:
        errors.setdefault("code", Invalid("", code="exists", field="code"))
    if do in {"review", "publish"} and errors:
        return _page(request, draft, known, rates, before, errors)
    if do == "publish":
        return _publish(request, draft, known, rates, before, offer)
    if do == "review":
        holders = [
            (one.version, counts[one.id])
            for (own, _), one in sorted(all_published.items())
            if own == _code(offer) and one.id in counts
        ]
        return _review(request, draft, known, offer, holders)
    return _page(request, draft, known, rates, before, errors if do == "compute" else {})


def _typed(
    request: OfficeRequest, noun: Noun, code: str | None, known: Known, version: int
) -> tuple[Draft, Offer]:
    """What was typed, with what its button adds or takes away; it is kept from now on."""
    draft = posted(noun, request.POST)
    if code is not None:
        draft.values["code"] = code
    change(draft, request.POST.get("do", ""))
    offer = offer_of(draft, known, version)
    name = written.name(offer.published.names)
    kept.keep(request, kept.Kept(request.path, name, version, request.staff.now, draft.typed))
    return draft, offer


def _leave(request: OfficeRequest, do: str) -> HttpResponse:
    if do == "discard":
        kept.forget(request)
        say(request, "info", gettext("The draft is thrown away."))
    return HttpResponseRedirect(reverse(AWAY[do]))


def _begin(
    request: OfficeRequest,
    noun: Noun,
    known: Known,
    rates: list[Rate],
    before: PlanVersion | AddOn | None,
    *,
    is_offered: bool,
) -> HttpResponse:
    """The editor as somebody left it, else with what there is."""
    mine = kept.kept_draft(request, before.version + 1 if before else 1)
    if mine is not None:
        draft = posted(noun, mine.values)
        return _page(request, draft, known, rates, before, kept_at=mine.at)
    draft = draft_of(before) if before else begun(noun, known)
    draft.values["in_portal"] = "on" if is_offered else ""
    if draft.is_too_large:
        raise Conflict("import a file instead", code="plan_too_large", field="prices")
    return _page(request, draft, known, rates, before)


def _publish(
    request: OfficeRequest,
    draft: Draft,
    known: Known,
    rates: list[Rate],
    before: PlanVersion | AddOn | None,
    offer: Offer,
) -> HttpResponse:
    staff = request.staff
    try:
        publish_catalogue(staff.desk.merchant_id, offer.catalogue, staff.now, staff.actor)
    except Refused as refusal:
        several = refusal.refusals if isinstance(refusal, RefusedTogether) else (refusal,)
        errors = {
            f"refused_{place}": Invalid(one.detail, code=one.code, field="")
            for place, one in enumerate(several)
        }
        return _page(request, draft, known, rates, before, errors)
    kept.forget(request)
    said = gettext("%(name)s, version %(n)d, is published.") % {
        "name": written.name(offer.published.names),
        "n": offer.published.version,
    }
    text = gettext("Whoever subscribes from now on has it. Who subscribed before keeps theirs.")
    say(request, "ok", said, text)
    name = "office:plan" if draft.noun == "plan" else "office:add_on"
    return HttpResponseRedirect(reverse(name, args=[_code(offer)]))


def _review(
    request: OfficeRequest,
    draft: Draft,
    known: Known,
    offer: Offer,
    holders: list[tuple[int, int]],
) -> HttpResponse:
    """Show exactly what will be published, and what happens to present subscribers."""
    return page(
        request,
        "plan_review",
        "catalogue",
        editor=Editor(draft, known, {}),
        published=offer.published,
        is_in_portal=offer.is_in_portal,
        name=written.name(offer.published.names),
        code=_code(offer),
        lines=price_lines(offer.published, known.meters),
        new_products=[
            (written.name(one.names), words.said(TAX_CATEGORIES, one.tax_category))
            for one in offer.products
        ],
        new_meters=[(one, written.name(one.names)) for one in offer.meters],
        holders=holders,
        is_plan=draft.noun == "plan",
        delivery=delivery_words(offer.published.delivery),
        phases=phase_sentences(offer.published),
        only_with=only_with(offer.published, known.plans),
    )


def _page(
    request: OfficeRequest,
    draft: Draft,
    known: Known,
    rates: list[Rate],
    before: PlanVersion | AddOn | None,
    errors: dict[str, Invalid] | None = None,
    *,
    kept_at: datetime | None = None,
) -> HttpResponse:
    """The editor; what can be priced is priced beside it, whatever else is wrong."""
    offer = offer_of(draft, known, before.version + 1 if before else 1)
    prices = offer.published.prices
    quantities = [
        quantity_of(draft.values.get(f"quantity_{number}", "")) for number in offer.numbers
    ]
    title = written.name(before.names) if before else ""
    asked = [
        Asked(
            f"quantity_{number}",
            f"{LABELS['quantity']}: {written.name(one.product.names)}",
            "number",
            draft.values.get(f"quantity_{number}", "") or "1",
        )
        for number, one in zip(offer.numbers, prices, strict=True)
        if goes_by_quantity(one)
    ]
    shown = {one.name for one in asked}
    return page(
        request,
        "plan_editor",
        "catalogue",
        editor=Editor(draft, known, errors or {}, {one.category: one.percent for one in rates}),
        kept_at=kept_at,
        is_plan=draft.noun == "plan",
        before=before,
        title=title,
        version=offer.published.version,
        asked=asked,
        carried=[
            (name, value)
            for name, value in draft.values.items()
            if name.startswith("quantity_") and name not in shown
        ],
        bill=bill_of(prices, quantities, rates),
        chart=chart_of(prices, before.prices if before else ()),
        waits=len(draft.rows) - len(prices),
    )


def _published(session: Session, noun: Noun) -> dict[tuple[str, int], PlanVersion | AddOn]:
    if noun == "plan":
        return {key: one for key, (one, _) in store.plan_versions(session).items()}
    return {key: one for key, (one, _) in store.add_ons(session).items()}


def _before(noun: Noun, code: str | None, known: Known) -> PlanVersion | AddOn | None:
    if code is None:
        return None
    found = known.plans.get(code) if noun == "plan" else known.add_ons.get(code)
    if found is None:
        raise NotFound("there is no such plan or add-on", code="unknown_plan", field="code")
    return found


def _known(session: Session, currency: str) -> Known:
    return Known(
        store.products(session),
        meters.meters(session),
        meters.features(session),
        newest(one for one, _ in store.plan_versions(session).values()),
        newest(one for one, _ in store.add_ons(session).values()),
        currency,
        price_series.all_series(session),
    )


def _code(offer: Offer) -> str:
    one = offer.published
    return one.plan if isinstance(one, PlanVersion) else one.code
