"""Show a notice: what a subscriber is told about the contract, ready for its words; reads only."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from kesto.core.changes.ending import current_span
from kesto.core.history import Cancelled, Subscribed, SubscriptionEvent, Told, currency_on
from kesto.core.life import Life
from kesto.core.life_items import first_group
from kesto.core.passing import Passed
from kesto.core.play import play
from kesto.core.renewals import next_renewal
from kesto.flows.preview_next import preview_next
from kesto.flows.show_invoice import party_view
from kesto.flows.show_subscription import known_names
from kesto.store import lives, merchants, notices
from kesto.store.notices import Notice, UsageFacts
from kesto.store.session import Session
from kesto.store.shop import Party, party, shop
from kesto.words.changes import Known, coupon_name, happenings
from kesto.words.tongue import Tongue
from kesto.words.views import NoticeView, PriceView, ReachedView

_NUMBER_LETTERS = 8


def notice_views(
    session: Session, ids: Sequence[UUID], language: str, now: datetime
) -> dict[UUID, NoticeView]:
    """What notices say to their customers; what is gone is left out."""
    found = notices.notices(session, ids)
    if not found:
        return {}
    histories = lives.told(session, sorted({one.subscription_id for one in found}))
    views: dict[UUID, NoticeView] = {}
    for one in found:
        own = party(session, f"sub_{one.subscription_id.hex}")
        views[one.id] = _view(session, one, own, histories[own.id], language, now)
    return views


def _view(
    session: Session,
    one: Notice,
    own: Party,
    told: Sequence[Told],
    language: str,
    now: datetime,
) -> NoticeView:
    life = play(told, first_group(told, own.group_id))
    known = known_names(session, shop(session, own, now, is_staff=True), tuple(told))
    seller = merchants.sellers(session)[own.billing_entity_id].seller
    buyer = notices.holder(session, one.customer_id)
    price, before = one.facts.price, one.facts.before
    view = NoticeView(
        told=one.kind,
        number=one.id.hex[-_NUMBER_LETTERS:].upper(),
        on=one.on,
        written_on=own.clock.day_of(one.created_at),
        plan=_plan(life, one, known, language),
        currency=currency_on(told, one.on, own.currency),
        includes_tax=own.includes_tax,
        seller=party_view(seller, seller.country, seller.email),
        buyer=party_view(buyer, seller.country),
        language=language,
        price=PriceView(price.minor, price.unit, price.count) if price else None,
        before=PriceView(before.minor, before.unit, before.count) if before else None,
        leave_by=one.facts.leave_by,
        discount=coupon_name(known.coupons, one.facts.code, language),
        reason=one.facts.reason,
        until=one.facts.until or _renewed_until(life, one.on),
        reached=_reached(one.facts.usage, language),
    )
    if one.kind != "changed":
        return view
    return _changed(session, view, one, own, told, known, now)


def _reached(facts: UsageFacts | None, language: str) -> ReachedView | None:
    if facts is None:
        return None
    return ReachedView(
        facts.names.get(language) or next(iter(facts.names.values()), facts.meter),
        facts.unit,
        facts.kind,
        Decimal(facts.threshold),
        Decimal(facts.used),
        facts.amount_minor,
    )


def _renewed_until(life: Life, on: date) -> date | None:
    """Where a term that renews on a day ends, for a notice that was written without it."""
    before = on - timedelta(days=1)
    found = next_renewal(life, current_span(life, before), life.terms, before)
    return found.until if found else None


def _changed(
    session: Session,
    view: NoticeView,
    one: Notice,
    own: Party,
    told: Sequence[Told],
    known: Known,
    now: datetime,
) -> NoticeView:
    """The notice of a change: its events in words, and the next invoice where the holder pays."""
    said = happenings(told, known, Tongue(view.language, own.currency))
    own_events = [each for each in said if each.seq in one.facts.events]
    ahead = None
    if own.payer_id == one.customer_id:
        today = own.clock.day_of(now)
        bills = preview_next(session, own.payer_id, today, view.language)
        ahead = next((bill for bill in bills if bill.group_id == own.group_id), None)
    return replace(
        view,
        told=_told_as([each.event for each in own_events]),
        happened=tuple((each.text, each.on) for each in own_events),
        next_on=ahead.bill_on if ahead else None,
        next_minor=ahead.view.total_minor if ahead else 0,
    )


def _told_as(events: Sequence[SubscriptionEvent | Passed]) -> str:
    if any(isinstance(event, Subscribed) for event in events):
        return "subscribed"
    is_over = any(isinstance(event, Cancelled) for event in events)
    return "cancelled" if is_over else "changed"


def _plan(life: Life, one: Notice, known: Known, language: str) -> str:
    """The name of the plan that runs on the day, or that ran last."""
    days = (one.on, life.start_on)
    plans = [life.plan_at(day) for day in days] + [item for item in life.items if item.owner_id]
    item = next((plan for plan in plans if plan is not None), None)
    if item is None or item.owner_id is None:
        return ""
    names = known.sold.get(item.owner_id, {})
    return names.get(language) or next(iter(names.values()), item.code)
