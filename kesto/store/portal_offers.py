"""Which plans and add-ons subscribers may choose by themselves in the portal."""

from kesto.core.catalog import SoldNoun
from kesto.store.ids import new_id
from kesto.store.session import Session


def offered(session: Session) -> frozenset[tuple[SoldNoun, str]]:
    """All that is offered, by noun and code."""
    rows = session.rows(
        "select kind, code from portal_offer where merchant_id = %s", session.merchant_id
    )
    return frozenset((kind, code) for kind, code in rows)


def offer(session: Session, noun: SoldNoun, code: str) -> None:
    """Offer it from now on."""
    session.execute(
        "insert into portal_offer (merchant_id, id, kind, code) values (%s, %s, %s, %s)"
        " on conflict do nothing",
        *(session.merchant_id, new_id(), noun, code),
    )


def withhold(session: Session, noun: SoldNoun, code: str) -> None:
    """Offer it no more."""
    session.execute(
        "delete from portal_offer where merchant_id = %s and kind = %s and code = %s",
        *(session.merchant_id, noun, code),
    )
