"""Open a merchant: a tenant of its own, with its first billing entity."""

from datetime import datetime
from uuid import UUID

from kesto.core.calendar import known_zone
from kesto.core.invoice import Seller
from kesto.core.merchant import Mode
from kesto.core.money import digits
from kesto.core.refusals import Conflict
from kesto.countries import country
from kesto.store import audit, merchants


def open_merchant(code: str, name: str, mode: Mode, seller: Seller, now: datetime) -> UUID:
    """Open a merchant that sells in the seller's country; answers its id. Raises Conflict."""
    home = country(seller.country)
    known_zone(home.zone)
    digits(home.currency)
    if merchants.merchant_called(code) is not None:
        raise Conflict(f"a merchant {code!r} exists already", code="exists", field="code")
    with merchants.opening(code, name, mode, now) as session:
        merchants.add_billing_entity(
            session, "main", seller, zone=home.zone, currency=home.currency, now=now
        )
        audit.record(session, "open_merchant", {"code": code, "mode": mode}, now)
    return session.merchant_id
