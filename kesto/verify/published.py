"""What was published: every plan version and add-on still has the content that was sealed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from kesto.core.catalog import AddOn, PlanVersion, Price
from kesto.core.refusals import Refused
from kesto.store import catalogue
from kesto.store.promises import content_hash
from kesto.store.session import Session
from kesto.verify.finding import Finding, finding
from kesto.verify.subscriptions import S6

SPOILT = (Refused, ArithmeticError, LookupError, TypeError, ValueError, msgspec.MsgspecError)
"""What reading a row that nobody published may end in."""

Prices = Mapping[UUID, tuple[Price, ...]]
Read = Callable[[Sequence[Any], Prices], PlanVersion | AddOn]


def check_published(session: Session) -> tuple[Prices, list[Finding]]:
    """All prices that can be read, and what is not as it was published."""
    prices, spoilt = _prices(session)
    sealed: list[tuple[str, Read, tuple[Any, ...]]] = [
        *(("plan", catalogue.read_version, row) for row in catalogue.version_rows(session)),
        *(("add_on", catalogue.read_add_on, row) for row in catalogue.add_on_rows(session)),
    ]
    findings = []
    for noun, read, (*row, sha256) in sealed:
        problem = spoilt.get(row[0]) or _problem(read, row, prices, sha256)
        if problem:
            named: dict[str, object] = {noun: row[1], "version": row[2]}
            findings.append(finding(S6, **named, problem=problem))
    return prices, findings


def _problem(read: Read, row: Sequence[Any], prices: Prices, sha256: bytes) -> str:
    try:
        whole = read(row, prices)
    except SPOILT as error:
        return f"it can't be read: {type(error).__name__}: {error}"
    if content_hash(whole) != sha256:
        return "its content differs from what was published"
    return ""


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
