"""What was published: every plan version and add-on still has the content that was sealed."""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from msgspec import structs

from kesto.core.catalog import AddOn, PlanVersion, Price
from kesto.core.refusals import Refused
from kesto.store import catalogue, proof
from kesto.store.session import Session
from kesto.verify.finding import Finding, finding
from kesto.verify.subscriptions import S6

SPOILT = (Refused, ArithmeticError, LookupError, TypeError, ValueError, msgspec.MsgspecError)
"""What reading a row that nobody published may end in."""

Prices = Mapping[UUID, tuple[Price, ...]]


def check_published(session: Session) -> tuple[Prices, list[Finding]]:
    """All prices that can be read, and what is not as it was published."""
    prices, spoilt = _prices(session)
    findings = []
    for version, sha256 in proof.published(session):
        named = _name(version)
        whole = structs.replace(version, prices=prices.get(version.id, ()))
        problem = spoilt.get(version.id, "")
        if not problem and catalogue.content_hash(whole) != sha256:
            problem = "names or prices differ from what was published"
        if problem:
            findings.append(finding(S6, **named, problem=problem))
    return prices, findings


def _name(published: PlanVersion | AddOn) -> dict[str, object]:
    if isinstance(published, PlanVersion):
        return {"plan": published.plan, "version": published.version}
    return {"add_on": published.code, "version": published.version}


def _prices(session: Session) -> tuple[Prices, dict[UUID, str]]:
    products = {product.id: product for product in catalogue.products(session).values()}
    prices: dict[UUID, tuple[Price, ...]] = {}
    spoilt: dict[UUID, str] = {}
    for owner, *row in catalogue.price_rows(session):
        try:
            prices[owner] = (*prices.get(owner, ()), catalogue.read_price(row, products))
        except SPOILT as error:
            spoilt[owner] = f"a price can't be read: {type(error).__name__}: {error}"
    return prices, spoilt
