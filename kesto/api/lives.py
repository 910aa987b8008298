"""What a subscription's life says besides its items: pauses, discounts, terms, what lies ahead."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from kesto.api.schema import Schema
from kesto.api.values import amount, own_id, with_ids
from kesto.core.catalog import AtTermEnd
from kesto.core.discounts import DiscountScope
from kesto.core.exact import shown as plain
from kesto.core.history import Subscribed, Told, in_effect, kind_of
from kesto.core.life import Life
from kesto.core.renewals import renewals


class Event(Schema):
    """Something that happened: when it counts from, when it was written down, and what."""

    number: int
    kind: str
    effective_on: date
    recorded_at: datetime
    data: dict[str, Any]


class Ahead(Schema):
    """A change that lies ahead: its number, and the first day of what is new."""

    number: int
    kind: str
    effective_on: date
    data: dict[str, Any]


class RenewedTerm(Schema):
    """A term over the days `[start_on, end_on)` that began by itself."""

    start_on: date
    end_on: date
    months: int


class SubscriptionPause(Schema):
    """Days `[start_on, end_on)` without service; `percent` of the price is charged in it."""

    start_on: date
    end_on: date | None
    percent: str


class Discount(Schema):
    """A coupon that was given: it counts for periods that start in the days `[start_on, end_on)`.

    It takes off `percent`, or an `amount` of `currency` each period; the other one is null.
    """

    id: str
    code: str
    percent: str | None
    amount: str | None
    currency: str | None
    start_on: date
    end_on: date | None
    scope: DiscountScope


class Terms(Schema):
    """What was agreed: what follows the minimum, what leaving early or pausing costs.

    `at_term_end` is `renew` (by `renewal_months`), `open_ended` or `end`. The percentages are of
    the recurring prices. `longest_pause_days` 0: the subscriber may not pause.
    """

    at_term_end: AtTermEnd
    renewal_months: int
    early_termination_percent: str
    paused_percent: str
    longest_pause_days: int
    pause_extends_term: bool


def pauses_of(life: Life) -> list[SubscriptionPause]:
    """All pauses, the earliest first."""
    return [
        SubscriptionPause(start_on=one.start, end_on=one.end, percent=plain(one.percent))
        for one in sorted(life.pauses, key=lambda one: one.start)
    ]


def discounts_of(life: Life) -> list[Discount]:
    """All discounts in the order they were given."""
    return [
        Discount(
            id=own_id("discount", one.id),
            code=one.code,
            percent=plain(one.percent) if one.percent else None,
            amount=amount(one.amount_minor, one.currency) if one.amount_minor else None,
            currency=one.currency if one.amount_minor else None,
            start_on=one.start_on,
            end_on=one.until_on,
            scope=one.scope,
        )
        for one in life.discounts
    ]


def terms_of(life: Life) -> Terms:
    """The terms that hold."""
    terms = life.terms
    return Terms(
        at_term_end=terms.at_term_end,
        renewal_months=terms.renewal_months,
        early_termination_percent=plain(terms.early_termination_percent),
        paused_percent=plain(terms.paused_percent),
        longest_pause_days=terms.longest_pause_days,
        pause_extends_term=terms.pause_extends_term,
    )


def renewals_of(told: Sequence[Told], life: Life, today: date) -> list[RenewedTerm]:
    """The terms that began by themselves up to a day."""
    return [
        RenewedTerm(start_on=one.on, end_on=one.until, months=one.months)
        for one in renewals(told, life, today)
    ]


def ahead_of(told: Sequence[Told], today: date) -> list[Ahead]:
    """The changes that lie ahead of a day, the next one first."""
    return [
        Ahead(
            number=one.seq,
            kind=kind_of(one.event),
            effective_on=one.event.on,
            data=with_ids(msgspec.json.decode(msgspec.json.encode(one.event))),
        )
        for one in in_effect(told)
        if one.event.on > today and not isinstance(one.event, Subscribed)
    ]
