"""Coupons in the database: published once, ended by their last day, with codes to type in."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from kesto.core.catalog import Coupon
from kesto.core.exact import plain
from kesto.store.ids import new_id
from kesto.store.session import Session

COLUMNS = (
    *("id", "code", "names", "percent", "amount_minor", "currency", "duration", "periods"),
    *("products", "plans", "most_uses", "most_uses_per_customer", "valid_from", "valid_until"),
)


def coupons(session: Session) -> dict[str, Coupon]:
    """The merchant's coupons by their own codes."""
    codes: dict[UUID, list[str]] = {}
    for own, code in session.rows(
        "select coupon_id, code from coupon_code where merchant_id = %s order by code",
        session.merchant_id,
    ):
        codes.setdefault(own, []).append(code)
    rows = session.rows(
        f"select {', '.join(COLUMNS)} from coupon where merchant_id = %s order by code",
        session.merchant_id,
    )
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return {
        row["code"]: Coupon(
            **row
            | {
                "percent": plain(row["percent"]),
                "products": tuple(row["products"]),
                "plans": tuple(row["plans"]),
                "codes": tuple(codes.get(row["id"], ())),
            }
        )
        for row in found
    }


def coupon_names(session: Session) -> dict[str, dict[str, str]]:
    """The names of the merchant's coupons, by their own codes."""
    rows = session.rows(
        "select code, names from coupon where merchant_id = %s", session.merchant_id
    )
    return dict(rows)


def typed_codes(session: Session) -> dict[str, str]:
    """Which coupon each code belongs to that can be typed in, without its capital letters."""
    rows = session.rows(
        "select lower(t.code), c.code from coupon_code t"
        " join coupon c on c.merchant_id = t.merchant_id and c.id = t.coupon_id"
        " where t.merchant_id = %s",
        session.merchant_id,
    )
    return dict(rows)


def add_coupons(session: Session, added: Sequence[Coupon], now: datetime) -> None:
    """Add coupons that are not there yet, with their codes."""
    rows = []
    for coupon in added:
        row = msgspec.structs.asdict(coupon)
        del row["codes"]
        rows.append({**row, "published_at": now})
    session.add("coupon", rows)
    for coupon in added:
        add_codes(session, coupon.id, coupon.codes)


def add_codes(session: Session, coupon_id: UUID, codes: Sequence[str]) -> None:
    """Add codes that can be typed in."""
    rows = [{"id": new_id(), "coupon_id": coupon_id, "code": code} for code in codes]
    session.add("coupon_code", rows)


def change_coupon(session: Session, coupon: Coupon) -> None:
    """Take over a coupon's names and its last day; what it gives stays."""
    session.execute(
        "update coupon set names = %s::jsonb, valid_until = %s where merchant_id = %s and id = %s",
        *(msgspec.json.encode(coupon.names).decode(), coupon.valid_until),
        *(session.merchant_id, coupon.id),
    )
