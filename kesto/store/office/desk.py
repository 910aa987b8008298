"""Who works in the office now, and where: asked once for every page."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.staff import Role
from kesto.store.session import Session

DESK = """
    select s.id, p.name, p.email, s.role, s.language, c.totp <> '', m.id, m.name, m.mode,
        m.clock_at, e.zone, e.currency, m.service_credit_minor,
        (select count(*) from billing_group g
            where g.merchant_id = s.merchant_id and g.parked_at is not null),
        (select count(*) from bank_transaction t
            where t.merchant_id = s.merchant_id and t.state = 'unmatched'),
        (select count(*) from run_approval r
            where r.merchant_id = s.merchant_id and r.state = 'waiting')
    from staff s
    join person p on p.merchant_id = s.merchant_id and p.id = s.person_id
    join staff_secret c on c.merchant_id = s.merchant_id and c.staff_id = s.id
    join merchant m on m.id = s.merchant_id
    join lateral (select zone, currency from billing_entity e
        where e.merchant_id = s.merchant_id order by e.id limit 1) e on true
    where s.merchant_id = %s and s.id = %s and s.state = 'active'
"""


class Desk(Struct, frozen=True):
    """A member of staff at work for a merchant; sums without a currency are in this one.

    `parked` billing groups, `unmatched` payments and `waiting_runs` wait for somebody.
    """

    staff_id: UUID
    name: str
    email: str
    role: Role
    language: str
    has_codes: bool
    merchant_id: UUID
    merchant_name: str
    mode: str
    clock_at: datetime | None
    zone: str
    currency: str
    service_credit_minor: int
    parked: int
    unmatched: int
    waiting_runs: int


def desk_of(session: Session, staff_id: UUID) -> Desk | None:
    """The desk of a member who may work; None for one who is disabled or unknown."""
    row = session.row(DESK, session.merchant_id, staff_id)
    return Desk(*row) if row else None
