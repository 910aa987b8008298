"""One customer from all sides: who it is, what it has, what happened."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from kesto.core.refusals import NotFound
from kesto.store.papers import HAS_RECEIPT
from kesto.store.session import Session

CUSTOMER = """
    select c.id, c.external_id, c.kind, p.name, p.email, p.phone, p.street, p.postal_code, p.city,
        p.country, c.language, c.zone, c.currency, c.business_id, c.vat_id, c.buyer_reference,
        c.order_number, c.cost_centre, c.created_at,
        (select kind from payment_method m where m.merchant_id = c.merchant_id
            and m.customer_id = c.id and m.is_default limit 1)
    from customer c join person p on p.merchant_id = c.merchant_id and p.id = c.person_id
    where c.merchant_id = %s and c.id = %s
"""
MONEY = """
    with own as (
        select n.id, n.kind, n.due_on, n.total_minor, coalesce(s.paid_minor, 0) as paid_minor,
            coalesce(s.credited_minor, 0) as credited_minor,
            coalesce(s.written_off_minor, 0) as written_off_minor
        from billing_group g
        join invoice n on n.merchant_id = g.merchant_id and n.billing_group_id = g.id
        left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id
        where g.merchant_id = %(own)s and g.payer_id = %(customer)s
            and n.currency = %(currency)s),
    paid as (
        select coalesce(sum(amount_minor), 0) as received,
            (select coalesce(sum(left_minor), 0) from credit_grant g
                where g.merchant_id = %(own)s and g.customer_id = %(customer)s
                    and g.currency = %(currency)s) as kept
        from payment where merchant_id = %(own)s and customer_id = %(customer)s
            and currency = %(currency)s)
    select count(*) filter (where kind = 'invoice'),
        coalesce(sum(total_minor) filter (where kind = 'invoice'), 0)::bigint,
        max(paid.received)::bigint,
        coalesce(sum(total_minor - paid_minor - credited_minor - written_off_minor)
            filter (where kind = 'invoice'), 0)::bigint,
        coalesce(sum(total_minor - paid_minor - credited_minor - written_off_minor)
            filter (where kind = 'invoice' and due_on < %(today)s), 0)::bigint,
        max(paid.kept)::bigint,
        min(due_on) filter (where kind = 'invoice'
            and total_minor > paid_minor + credited_minor + written_off_minor),
        coalesce(sum(total_minor) filter (where kind = 'credit_note'), 0)::bigint,
        coalesce(sum(written_off_minor) filter (where kind = 'invoice'), 0)::bigint
    from paid left join own on true
"""
SUBSCRIPTIONS = """
    select s.id, s.external_id, s.start_on, s.end_on, s.alignment, s.billing_day,
        h.external_id, hp.name, y.external_id, yp.name, g.id, g.billed_through,
        g.next_due_on + m.grace_days,
        g.parked_at, g.parked_reason, t.minimum_until, t.notice_days
    from subscription s
    join customer h on h.merchant_id = s.merchant_id and h.id = s.holder_id
    join person hp on hp.merchant_id = h.merchant_id and hp.id = h.person_id
    join customer y on y.merchant_id = s.merchant_id and y.id = s.payer_id
    join person yp on yp.merchant_id = y.merchant_id and yp.id = y.person_id
    join billing_group g on g.merchant_id = s.merchant_id and g.id = s.billing_group_id
    join merchant m on m.id = s.merchant_id
    left join lateral (select minimum_until, notice_days from contract_term t
        where t.merchant_id = s.merchant_id and t.subscription_id = s.id
        order by t.start_on desc limit 1) t on true
    where s.merchant_id = %(own)s and s.id in (
        select id from subscription where merchant_id = %(own)s and holder_id = %(customer)s
        union select s.id from billing_group g join subscription s
            on s.merchant_id = g.merchant_id and s.billing_group_id = g.id
        where g.merchant_id = %(own)s and g.payer_id = %(customer)s)
    order by s.end_on is not null and s.end_on <= %(today)s, s.start_on desc, s.id
"""
ITEMS = """
    select i.subscription_id, i.id, coalesce(i.plan_version_id, i.add_on_id),
        i.plan_version_id is not null, coalesce(v.names, a.names), i.quantity, i.start_on, i.end_on
    from subscription_item i
    left join plan_version v on v.merchant_id = i.merchant_id and v.id = i.plan_version_id
    left join add_on a on a.merchant_id = i.merchant_id and a.id = i.add_on_id
    where i.merchant_id = %s and i.subscription_id = any(%s) and coalesce(v.id, a.id) is not null
        and (i.end_on is null or i.start_on < i.end_on)
    order by i.plan_version_id is null, i.id
"""
PAYMENTS = f"""
    select p.id, p.received_on, p.created_at, p.amount_minor, p.allocated_minor, p.currency,
        array(select a.invoice_id from allocation a
            where a.merchant_id = p.merchant_id and a.payment_id = p.id order by a.id),
        {HAS_RECEIPT}
    from payment p where p.merchant_id = %s and p.customer_id = %s
    order by p.received_on desc, p.id desc limit %s
"""


class Known(Struct, frozen=True):
    """Who a customer is and what they wish."""

    id: UUID
    external_id: str
    kind: str
    name: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    country: str
    language: str
    zone: str
    currency: str
    business_id: str
    vat_id: str
    buyer_reference: str
    order_number: str
    cost_centre: str
    created_at: datetime
    payment_method: str | None


class Money(Struct, frozen=True):
    """How a customer stands in one currency; `credit_minor` is what is left of their grants."""

    invoices: int
    invoiced_minor: int
    received_minor: int
    open_minor: int
    overdue_minor: int
    credit_minor: int
    next_due_on: date | None
    credited_minor: int
    written_off_minor: int


class Held(Struct, frozen=True):
    """An item of a subscription: a plan or an add-on in a quantity."""

    subscription_id: UUID
    id: UUID
    owner_id: UUID
    is_plan: bool
    names: dict[str, str]
    quantity: Decimal
    start_on: date
    end_on: date | None


class Subscribed(Struct, frozen=True):
    """A subscription with who has it, who pays, and how far it is billed."""

    id: UUID
    external_id: str
    start_on: date
    end_on: date | None
    alignment: str
    billing_day: int
    holder: str
    holder_name: str
    payer: str
    payer_name: str
    group_id: UUID
    billed_through: date | None
    next_due_on: date | None
    parked_at: datetime | None
    parked_reason: str
    minimum_until: date | None
    notice_days: int | None
    items: tuple[Held, ...] = ()


class Received(Struct, frozen=True):
    """A payment with the invoices that it settled."""

    id: UUID
    received_on: date
    created_at: datetime
    amount_minor: int
    allocated_minor: int
    currency: str
    invoices: tuple[UUID, ...]
    has_receipt: bool


class Step(Struct, frozen=True):
    """Something that happened between customer and merchant."""

    kind: str
    occurred_at: datetime
    data: dict[str, Any]


class Wish(Struct, frozen=True):
    """By which channel a customer wants a group of messages."""

    message_group: str
    channel: str


class Written(Struct, frozen=True):
    """A message to the customer; `subject_id` is what it is about."""

    id: UUID
    kind: str
    channel: str
    language: str
    state: str
    subject_id: UUID | None
    created_at: datetime
    sent_at: datetime | None


def customer(session: Session, customer_id: UUID) -> Known:
    """A customer. Raises NotFound."""
    row = session.row(CUSTOMER, session.merchant_id, customer_id)
    if row is None:
        raise NotFound("there is no such customer", code="unknown_customer", field="customer")
    return Known(*row)


def money(session: Session, customer_id: UUID, currency: str, today: date) -> Money:
    """What a customer was asked for, paid, owes, and has as credit."""
    (row,) = session.named(MONEY, _words(session, customer_id, today, currency=currency))
    return Money(*row)


def subscriptions(session: Session, customer_id: UUID, today: date) -> list[Subscribed]:
    """What a customer has or pays for; what runs comes first."""
    rows = session.named(SUBSCRIPTIONS, _words(session, customer_id, today))
    held: dict[UUID, list[Held]] = {}
    for item in session.rows(ITEMS, session.merchant_id, [row[0] for row in rows]):
        held.setdefault(item[0], []).append(Held(*item))
    return [Subscribed(*(*row, tuple(held.get(row[0], ())))) for row in rows]


def wishes(session: Session, customer_id: UUID) -> list[Wish]:
    """The channels that a customer chose."""
    rows = session.rows(
        "select message_group, channel from channel_preference"
        " where merchant_id = %s and customer_id = %s order by message_group",
        *(session.merchant_id, customer_id),
    )
    return [Wish(*row) for row in rows]


def payments(session: Session, customer_id: UUID, limit: int) -> list[Received]:
    """A customer's latest payments."""
    rows = session.rows(PAYMENTS, session.merchant_id, customer_id, limit)
    return [Received(*(*row[:-2], tuple(row[-2]), row[-1])) for row in rows]


def steps(session: Session, customer_id: UUID, limit: int) -> list[Step]:
    """What happened, the latest first."""
    rows = session.rows(
        "select kind, occurred_at, data from journey_event"
        " where merchant_id = %s and customer_id = %s order by occurred_at desc, id desc limit %s",
        *(session.merchant_id, customer_id, limit),
    )
    return [Step(*row) for row in rows]


def messages(session: Session, customer_id: UUID, limit: int) -> list[Written]:
    """A customer's latest messages."""
    rows = session.rows(
        "select id, kind, channel, language, state, subject_id, created_at, sent_at from message"
        " where merchant_id = %s and customer_id = %s order by id desc limit %s",
        *(session.merchant_id, customer_id, limit),
    )
    return [Written(*row) for row in rows]


def _words(session: Session, customer_id: UUID, today: date, **more: object) -> dict[str, object]:
    return {"own": session.merchant_id, "customer": customer_id, "today": today, **more}


def names_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of customers by id."""
    rows = session.rows(
        "select c.id, p.name from customer c join person p on p.merchant_id = c.merchant_id"
        " and p.id = c.person_id where c.merchant_id = %s and c.id = any(%s)",
        *(session.merchant_id, list(ids)),
    )
    return {row[0]: row[1] for row in rows}
