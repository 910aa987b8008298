"""How a merchant's messages leave, and what it has told besides invoices."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from kesto.store.ids import new_id
from kesto.store.session import Session

TELL_RECEIVED = """
    insert into outbox (merchant_id, topic, subject_id, created_at)
    select wish.merchant_id, 'payment.received', received.id, %s
    from delivery_setting wish cross join unnest(%s::uuid[]) as received (id)
    where wish.merchant_id = %s and wish.sends_receipts
    on conflict do nothing
"""


class DeliverySetting(Struct, frozen=True):
    """The merchant's mail server and how its messages look.

    `security` is none, starttls or tls. `is_attached`: the document travels with the e-mail, else
    the e-mail leads to it. `letters_from_hour` is local. `sends_receipts`: the customer is told of
    each payment.
    """

    host: str
    port: int
    sender: str
    security: str = "starttls"
    username: str = ""
    reply_to: str = ""
    is_attached: bool = True
    letters_from_hour: int = 6
    sends_receipts: bool = False


FIELDS = DeliverySetting.__struct_fields__


def setting(session: Session) -> DeliverySetting | None:
    """How the merchant's messages leave, if it was ever said."""
    row = session.row(
        f"select {', '.join(FIELDS)} from delivery_setting where merchant_id = %s",
        session.merchant_id,
    )
    return DeliverySetting(*row) if row else None


def keep(session: Session, wanted: DeliverySetting) -> UUID:
    """Let the merchant's messages leave this way from now on."""
    own = new_id()
    session.execute(
        f"insert into delivery_setting (merchant_id, id, {', '.join(FIELDS)})"
        f" values (%s, %s, {', '.join(['%s'] * len(FIELDS))})"
        " on conflict on constraint one_delivery_setting do update set "
        + ", ".join(f"{field} = excluded.{field}" for field in FIELDS),
        *(session.merchant_id, own, *structs.astuple(wanted)),
    )
    return own


def tell_received(session: Session, payments: Sequence[UUID], now: datetime) -> None:
    """Have receipts of payments sent, where the merchant sends any."""
    if payments:
        session.execute(TELL_RECEIVED, now, list(payments), session.merchant_id)
