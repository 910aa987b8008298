"""Let subscribers choose a plan or an add-on by themselves in the portal, or no more."""

from datetime import datetime
from uuid import UUID

from kesto.core.catalog import SoldNoun
from kesto.core.refusals import NotFound
from kesto.store import audit, catalogue, portal_offers
from kesto.store.session import writing


def offer_in_portal(
    merchant_id: UUID, noun: SoldNoun, code: str, now: datetime, actor: str, *, is_offered: bool
) -> None:
    """Offer it in all its versions, or withhold it; who has it keeps it. Raises NotFound."""
    with writing(merchant_id) as session:
        known = catalogue.plan_versions if noun == "plan" else catalogue.add_ons
        if code not in {own for own, _ in known(session)}:
            raise NotFound(
                f"there is no {noun.replace('_', '-')} {code!r}",
                code=f"unknown_{noun}",
                field=noun,
            )
        if ((noun, code) in portal_offers.offered(session)) == is_offered:
            return
        change = portal_offers.offer if is_offered else portal_offers.withhold
        change(session, noun, code)
        data = {"noun": noun, "code": code, "is_offered": is_offered}
        audit.record(session, "offer_in_portal", data, now, actor)
