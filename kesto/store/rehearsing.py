"""What a rehearsal of a billing run reads: the groups that a run would bill; nothing is locked."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from kesto.core.billing import BillingGroup
from kesto.store.billing import GROUP, looking_back
from kesto.store.session import Session

# What waits for the prices of a series is put back to work when a run begins.
DUE = (
    "g.merchant_id = %s and g.next_due_on <= %s"
    " and (g.parked_at is null or g.awaits_series_id is not null)"
)


class Part(Struct, frozen=True, gc=False):
    """Payers from one id to another, with so many groups: whose credit is shared stays together."""

    first_payer_id: UUID
    last_payer_id: UUID
    groups: int


def parts(session: Session, through: date, size: int, payer_id: UUID | None = None) -> list[Part]:
    """The payers of all groups with work by a day, in parts of about so many groups."""
    only, values = ("", ()) if payer_id is None else (" and g.payer_id = %s", (payer_id,))
    rows = session.rows(
        "select (array_agg(payer_id order by payer_id))[1],"
        "  (array_agg(payer_id order by payer_id desc))[1], sum(groups)::bigint"
        " from (select payer_id, count(*) as groups,"
        "   floor((sum(count(*)) over (order by payer_id) - 1) / %s)::bigint as part"
        f"  from billing_group g where {DUE}{only} group by payer_id) t"
        " group by part order by part",
        *(size, session.merchant_id, through, *values),
    )
    return [Part(*row) for row in rows]


def groups_due(session: Session, part: Part, through: date) -> list[BillingGroup]:
    """The groups of a part as the next run would see them, those of a payer together."""
    rows = session.rows(
        f"select {GROUP} from billing_group g where {DUE} and g.payer_id between %s and %s"
        " order by g.payer_id, g.id",
        *(session.merchant_id, through, part.first_payer_id, part.last_payer_id),
    )
    return looking_back(session, [BillingGroup(*row) for row in rows])


def last_invoices(session: Session, groups: Sequence[UUID]) -> dict[UUID, UUID]:
    """The last invoice of each group that has one, as a run made it."""
    rows = session.rows(
        "select due.group_id, last.id from unnest(%s::uuid[]) due (group_id)"
        " cross join lateral (select n.id from invoice n where n.merchant_id = %s"
        "  and n.billing_group_id = due.group_id and n.kind = 'invoice' and n.history_seq > 0"
        "  order by n.id desc limit 1) last",
        *(list(groups), session.merchant_id),
    )
    return dict(rows)


def customer_called(session: Session, external_id: str) -> UUID | None:
    """The customer with an id of the merchant's other systems."""
    row = session.row(
        "select id from customer where merchant_id = %s and external_id = %s",
        *(session.merchant_id, external_id),
    )
    return row[0] if row else None


def external_ids(session: Session, customers: Sequence[UUID]) -> dict[UUID, str]:
    """Customers' own ids in the merchant's other systems."""
    rows = session.rows(
        "select id, external_id from customer where merchant_id = %s and id = any(%s)",
        *(session.merchant_id, list(customers)),
    )
    return dict(rows)
