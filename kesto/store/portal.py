"""What a customer sees of their own things; each query asks for merchant and customer both.

A payer sees invoices; holder and payer see the subscription.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from kesto.core.refusals import NotFound
from kesto.core.wishes import GROUPS, MessageGroup, usual_channel
from kesto.store import invoices
from kesto.store.papers import AT_ONCE
from kesto.store.session import Session

VISITOR = """
    select c.id, p.name, p.email, p.phone, p.street, p.postal_code, p.city, c.language, c.kind,
        m.name, m.clock_at, e.zone, e.currency, e.name, e.business_id, e.email
    from customer c
    join person p on p.merchant_id = c.merchant_id and p.id = c.person_id
    join merchant m on m.id = c.merchant_id
    cross join lateral (select zone, currency, name, business_id, email from billing_entity e
        where e.merchant_id = c.merchant_id order by e.id limit 1) e
    where c.merchant_id = %s and c.id = %s and p.erased_at is null
"""
PAYMENTS = f"""
    select p.id, p.received_on, a.amount_minor, {AT_ONCE}
    from invoice n
    join allocation a on a.merchant_id = n.merchant_id and a.invoice_id = n.id
    join payment p on p.merchant_id = a.merchant_id and p.id = a.payment_id
    where n.merchant_id = %s and n.customer_id = %s and n.id = %s order by a.id
"""
# What a message was about: an invoice, or a payment, by the first invoice that it settled.
ABOUT = f"""
    select n.id from invoice n
    where n.merchant_id = %(own)s and n.customer_id = %(customer)s and n.id = coalesce((
        select a.invoice_id from payment p
        join allocation a on a.merchant_id = p.merchant_id and a.payment_id = p.id and {AT_ONCE}
        where p.merchant_id = %(own)s and p.id = %(subject)s
        order by a.invoice_id limit 1), %(subject)s)
"""
SUBSCRIPTIONS = """
    select s.id, s.external_id, s.start_on, s.end_on, g.payer_id = %(customer)s,
        s.holder_id = %(customer)s, g.next_due_on + m.grace_days,
        g.due_days, t.minimum_until, t.notice_days,
        (select kind from payment_method m where m.merchant_id = s.merchant_id
            and m.customer_id = g.payer_id and m.is_default limit 1)
    from subscription s
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
# What runs on the day, or ran on the last one.
ITEMS = """
    select i.subscription_id, coalesce(v.names, a.names), i.quantity, i.plan_version_id is not null
    from subscription_item i
    left join plan_version v on v.merchant_id = i.merchant_id and v.id = i.plan_version_id
    left join add_on a on a.merchant_id = i.merchant_id and a.id = i.add_on_id
    join subscription s on s.merchant_id = i.merchant_id and s.id = i.subscription_id
    where i.merchant_id = %(own)s and i.subscription_id = any(%(ids)s)
        and coalesce(v.id, a.id) is not null and (i.end_on is null or i.start_on < i.end_on)
        and i.start_on <= greatest(%(today)s, s.start_on)
        and (i.end_on is null or i.end_on > least(%(today)s, s.end_on - 1))
    order by i.plan_version_id is null, i.id
"""
SENT = """
    select m.id, m.kind, m.channel, m.language, m.state, m.created_at, m.sent_at, n.id, p.id,
        m.subject, m.text, t.subscription_id, m.subject_id
    from message m
    left join notice t on t.merchant_id = m.merchant_id and t.id = m.subject_id
        and t.customer_id = m.customer_id
    left join invoice n on n.merchant_id = m.merchant_id and n.id = m.subject_id
        and n.customer_id = m.customer_id
    left join payment p on p.merchant_id = m.merchant_id and p.id = m.subject_id
        and p.customer_id = m.customer_id
    where m.merchant_id = %s and m.customer_id = %s
"""
# The portal has a copy of every message: it is listed where the message came in no other way.
LISTED = """
    and (m.channel <> 'portal' or not exists (select from message o
        where o.merchant_id = m.merchant_id and o.subject_id = m.subject_id and o.kind = m.kind
            and o.channel <> 'portal'))
    order by m.id desc limit %s offset %s
"""


class Visitor(Struct, frozen=True):
    """A customer in the portal, with the merchant and the seller that they deal with."""

    id: UUID
    name: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    language: str
    kind: str
    merchant_name: str
    clock_at: datetime | None
    zone: str
    currency: str
    seller_name: str
    seller_business_id: str
    seller_email: str


class Item(Struct, frozen=True):
    """A plan or an add-on of a subscription, in a quantity."""

    subscription_id: UUID
    names: dict[str, str]
    quantity: Decimal
    is_plan: bool


class Subscribed(Struct, frozen=True):
    """A subscription as its holder and its payer see it; it says which of both looks."""

    id: UUID
    external_id: str
    start_on: date
    end_on: date | None
    is_payer: bool
    is_holder: bool
    next_due_on: date | None
    due_days: int
    minimum_until: date | None
    notice_days: int | None
    payment_method: str | None
    items: tuple[Item, ...] = ()


class Paid(Struct, frozen=True):
    """What a payment gave to an invoice; `has_receipt` where the payment's receipt shows it."""

    payment_id: UUID
    received_on: date
    amount_minor: int
    has_receipt: bool


class Preference(Struct, frozen=True):
    """How a group of messages comes; language "" is the customer's own."""

    channel: str
    language: str


class Sent(Struct, frozen=True):
    """A message to the customer as it was sent: about an invoice, a payment, a subscription."""

    id: UUID
    kind: str
    channel: str
    language: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    invoice_id: UUID | None
    payment_id: UUID | None
    subject: str
    text: str
    subscription_id: UUID | None
    subject_id: UUID | None


def visitor(session: Session, customer_id: UUID) -> Visitor | None:
    """The customer of a visit, or None."""
    row = session.row(VISITOR, session.merchant_id, customer_id)
    return Visitor(*row) if row else None


def subscriptions(session: Session, customer_id: UUID, today: date) -> list[Subscribed]:
    """What a customer has or pays for; what runs comes first."""
    words: dict[str, object]
    words = {"own": session.merchant_id, "customer": customer_id, "today": today}
    rows = session.named(SUBSCRIPTIONS, words)
    items: dict[UUID, list[Item]] = {}
    for row in session.named(ITEMS, words | {"ids": [row[0] for row in rows]}):
        items.setdefault(row[0], []).append(Item(*row))
    return [Subscribed(*(*row, tuple(items.get(row[0], ())))) for row in rows]


def own_invoice(session: Session, customer_id: UUID, number: str) -> UUID:
    """The customer's invoice or credit note with a number. Raises NotFound.

    One that is another customer's is as unknown as one that does not exist.
    """
    found = invoices.id_of_number(session, number)
    row = session.row(
        "select id from invoice where merchant_id = %s and customer_id = %s and id = %s",
        *(session.merchant_id, customer_id, found),
    )
    if row is None:
        raise NotFound("there is no such invoice", code="unknown_invoice", field="invoice")
    return found


def invoice_about(session: Session, customer_id: UUID, subject_id: UUID) -> UUID | None:
    """The customer's invoice that a message was about, itself or by a payment, or None."""
    words = {"own": session.merchant_id, "customer": customer_id, "subject": subject_id}
    return next((row[0] for row in session.named(ABOUT, words)), None)


def check_own_payment(session: Session, customer_id: UUID, payment_id: UUID) -> None:
    """Raises NotFound for a payment that is not the customer's, whether there is one or not."""
    row = session.row(
        "select from payment where merchant_id = %s and customer_id = %s and id = %s",
        *(session.merchant_id, customer_id, payment_id),
    )
    if row is None:
        raise NotFound("there is no such payment", code="unknown_payment", field="payment")


def payments_of(session: Session, customer_id: UUID, invoice_id: UUID) -> list[Paid]:
    """What has been paid of the customer's invoice, the earliest first."""
    rows = session.rows(PAYMENTS, session.merchant_id, customer_id, invoice_id)
    return [Paid(*row) for row in rows]


def preferences(
    session: Session, customer_id: UUID, *, lock: bool = False
) -> dict[MessageGroup, Preference]:
    """How each group of messages comes: as the customer chose, else as is usual."""
    rows = session.rows(
        "select message_group, channel, language from channel_preference"
        " where merchant_id = %s and customer_id = %s order by message_group"
        + (" for update" if lock else ""),
        *(session.merchant_id, customer_id),
    )
    chosen = {row[0]: Preference(*row[1:]) for row in rows}
    invoices_by = chosen["invoice"].channel if "invoice" in chosen else "email"
    return {
        group: chosen.get(group, Preference(usual_channel(group, invoices_by), ""))
        for group in GROUPS
    }


def prefer(session: Session, own: UUID, customer_id: UUID, group: str, wish: Preference) -> None:
    """Let a group of messages come in this way; `own` is the id of a row that is new."""
    session.execute(
        "insert into channel_preference (merchant_id, id, customer_id, message_group, channel,"
        " language) values (%s, %s, %s, %s, %s, %s)"
        " on conflict (merchant_id, customer_id, message_group)"
        " do update set channel = excluded.channel, language = excluded.language",
        *(session.merchant_id, own, customer_id, group, wish.channel, wish.language),
    )


def messages(session: Session, customer_id: UUID, *, limit: int, offset: int = 0) -> list[Sent]:
    """A page of the messages to the customer, the latest first."""
    rows = session.rows(f"{SENT}{LISTED}", session.merchant_id, customer_id, limit, offset)
    return [Sent(*row) for row in rows]


def sent_about(session: Session, customer_id: UUID, invoice_id: UUID) -> list[Sent]:
    """What went out to the customer about one of its invoices, the earliest first."""
    rows = session.rows(
        f"{SENT} and m.subject_id = %s and m.channel <> 'portal' and m.state = 'sent'"
        " order by m.id",
        *(session.merchant_id, customer_id, invoice_id),
    )
    return [Sent(*row) for row in rows]


def message(session: Session, customer_id: UUID, message_id: UUID) -> Sent | None:
    """One message to the customer, or None."""
    row = session.row(f"{SENT} and m.id = %s", session.merchant_id, customer_id, message_id)
    return Sent(*row) if row else None
