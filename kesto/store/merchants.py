"""Merchants and their billing entities."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from uuid import UUID

from msgspec import Struct, structs

from kesto.core.billing import BillingEntity
from kesto.core.invoice import Seller
from kesto.core.merchant import Merchant, Mode
from kesto.core.refusals import NotFound
from kesto.core.run_limit import RunLimit
from kesto.store.ids import new_id
from kesto.store.session import Session, across_merchants, owning
from kesto.store.snapshots import keep_snapshots, snapshot_hash

MERCHANT = "id, code, name, mode, clock_at, closed_through, invoice_limit_minor, grace_days"
ENTITY = "id, code, country, zone, currency, reference_scheme, due_days, iban, snapshot_sha256"
CLOCK = """
    select clock_at,
        (select zone from billing_entity where merchant_id = %(merchant)s order by id limit 1)
    from merchant where id = %(merchant)s
"""
"""A merchant's own clock, where it has one, and the zone of its first company."""


class KnownSeller(Struct, frozen=True):
    """A billing entity as people see it."""

    id: UUID
    code: str
    zone: str
    currency: str
    due_days: int
    seller: Seller


class Clock(Struct, frozen=True):
    """What a merchant's days go by: its own clock, where it has one, and its company's zone."""

    at: datetime | None
    zone: str | None


def all_merchants() -> list[Merchant]:
    """Every merchant of this installation."""
    with across_merchants() as connection:
        rows = connection.execute(f"select {MERCHANT} from merchant order by code")
        return [Merchant(*row) for row in rows]


def merchant_called(code: str) -> Merchant | None:
    """The merchant with a code, or None."""
    return next((found for found in all_merchants() if found.code == code), None)


@contextmanager
def opening(code: str, name: str, mode: Mode, now: datetime) -> Iterator[Session]:
    """A transaction in which a merchant comes to be, its audit chain and what else it begins with.

    The code is unique in the installation.
    """
    merchant_id = new_id()
    with owning() as connection:
        connection.execute("select set_config('app.merchant', %s, true)", [str(merchant_id)])
        connection.execute(
            "insert into merchant (id, code, name, mode, clock_at, created_at,"
            " invoice_limit_minor) values (%s, %s, %s, %s, %s, %s, 10000000)",
            [merchant_id, code, name, mode, now if mode == "test" else None, now],
        )
        connection.execute(
            "insert into audit_head (merchant_id, seq, sha256) values (%s, 0, '')", [merchant_id]
        )
        yield Session(merchant_id, connection)


def merchant(session: Session, *, lock: bool = False) -> Merchant:
    """The session's own merchant. Raises NotFound."""
    query = f"select {MERCHANT} from merchant where id = %s" + (" for update" if lock else "")
    row = session.row(query, session.merchant_id)
    if row is None:
        raise NotFound("there is no such merchant", field="merchant")
    return Merchant(*row)


def clock_asked(session: Session) -> Callable[[], Clock]:
    """Ask for the clock, to be told later: it goes out with what is asked next."""
    asked = session.asked(CLOCK, {"merchant": session.merchant_id})
    return cache(lambda: Clock(*(asked.fetchone() or (None, None))))


def set_clock(session: Session, clock_at: datetime) -> None:
    """Move a test merchant's clock."""
    session.execute(
        "update merchant set clock_at = %s where id = %s", clock_at, session.merchant_id
    )


def close_through(session: Session, day: date) -> None:
    """Close the books up to and with a day."""
    session.execute(
        "update merchant set closed_through = %s where id = %s", day, session.merchant_id
    )


def add_billing_entity(
    session: Session, code: str, seller: Seller, *, zone: str, currency: str, now: datetime
) -> UUID:
    """Add a seller's legal entity and freeze its data for invoices."""
    entity_id = new_id()
    keep_snapshots(session, [seller], now)
    session.execute(
        "insert into billing_entity (merchant_id, id, code, name, country, zone, currency,"
        " business_id, vat_id, street, postal_code, city, email, iban, bic, reference_scheme,"
        " due_days, snapshot_sha256)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'fi', 14, %s)",
        *(session.merchant_id, entity_id, code, seller.name, seller.country, zone, currency),
        *(seller.business_id, seller.vat_id, seller.street, seller.postal_code, seller.city),
        *(seller.email, seller.iban, seller.bic, snapshot_hash(seller)),
    )
    return entity_id


def billing_entities(session: Session, *, lock: bool = False) -> list[BillingEntity]:
    """The merchant's billing entities, the first one first; `lock` lets one file in at a time."""
    rows = session.rows(
        f"select {ENTITY} from billing_entity where merchant_id = %s order by id"
        + (" for update" if lock else ""),
        session.merchant_id,
    )
    return [BillingEntity(*row) for row in rows]


def sellers(session: Session) -> dict[UUID, KnownSeller]:
    """What stands on invoices now, by billing entity."""
    fields = ", ".join(Seller.__struct_fields__)
    rows = session.rows(
        f"select id, code, zone, currency, due_days, {fields} from billing_entity"
        " where merchant_id = %s order by id",
        session.merchant_id,
    )
    return {row[0]: KnownSeller(*(*row[:5], Seller(*row[5:]))) for row in rows}


def change_billing_entity(
    session: Session, entity_id: UUID, seller: Seller, due_days: int, now: datetime
) -> None:
    """Let the seller's data be these, frozen anew for the invoices to come."""
    keep_snapshots(session, [seller], now)
    values = {**structs.asdict(seller), "due_days": due_days}
    columns = ", ".join(f"{name} = %s" for name in values)
    session.execute(
        f"update billing_entity set {columns}, snapshot_sha256 = %s"
        " where merchant_id = %s and id = %s",
        *values.values(),
        *(snapshot_hash(seller), session.merchant_id, entity_id),
    )


class Limits(Struct, frozen=True):
    """What a merchant sets for itself; sums in minor units of its currency.

    An invoice above `invoice_limit_minor` is set aside for a person. The service desk credits
    invoices up to `service_credit_minor`. A link in a message lasts `portal_link_days`. With
    `uses_credit` a customer's credit pays its next invoices when they are issued. What falls due
    is a draft for `grace_days`, then it is invoiced. Subscribers are told of changes and of days
    that come nearer, and of another price `notice_days` before. Usage that nobody was billed for is
    kept `usage_months` (None: for good). Runs come by themselves from `billing_hour` on, each day
    or on `billing_days` of the month (`1,15`), or with `bills_by_hand` only when a person starts
    them. One of more than `run_limit_invoices`, or above `run_limit_minor`, is approved first.
    """

    invoice_limit_minor: int
    service_credit_minor: int
    portal_link_days: int
    uses_credit: bool = True
    grace_days: int = 0
    sends_confirmations: bool = True
    sends_reminders: bool = True
    notice_days: int = 30
    usage_months: int | None = None
    billing_hour: int = 0
    billing_days: str = ""
    bills_by_hand: bool = False
    run_limit_invoices: int | None = None
    run_limit_minor: int | None = None

    @property
    def run_limit(self) -> RunLimit:
        """What a run may come to without being approved."""
        return RunLimit(self.run_limit_invoices, self.run_limit_minor)


def limits(session: Session) -> Limits:
    """The limits of the session's merchant."""
    return _limits(session)


def limits_to_change(session: Session) -> Limits:
    """The same, locked: nobody else changes a setting before this transaction ends."""
    return _limits(session, " for no key update")


def _limits(session: Session, lock: str = "") -> Limits:
    row = session.row(
        f"select {', '.join(Limits.__struct_fields__)} from merchant where id = %s{lock}",
        session.merchant_id,
    )
    if row is None:
        raise NotFound("there is no such merchant", field="merchant")
    return Limits(*row)


def set_billing_schedule(session: Session, wanted: Limits) -> None:
    """Set when a merchant's runs come; its other limits stay."""
    session.execute(
        "update merchant set billing_hour = %s, billing_days = %s, bills_by_hand = %s"
        " where id = %s",
        *(wanted.billing_hour, wanted.billing_days, wanted.bills_by_hand, session.merchant_id),
    )


def change_merchant(session: Session, name: str, wanted: Limits) -> None:
    """Set a merchant's name and limits."""
    fields = Limits.__struct_fields__
    session.execute(
        f"update merchant set name = %s, {', '.join(f'{one} = %s' for one in fields)}"
        " where id = %s",
        *(name, *structs.astuple(wanted), session.merchant_id),
    )
