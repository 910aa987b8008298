"""Lists of the API: filtered, the newest first, a window at a time."""

import contextlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct

from kesto.core.ids import parsed
from kesto.core.refusals import Invalid, NotFound
from kesto.store.session import Session

TABLES = {
    "add_on": ("add_on", "code"),
    "coupon": ("coupon", "code"),
    "customer": ("customer", "external_id"),
    "feature": ("feature", "code"),
    "meter": ("meter", "code"),
    "plan": ("plan", "code"),
    "price_series": ("price_series", "code"),
    "product": ("product", "code"),
    "subscription": ("subscription", "external_id"),
}
"""Where a noun stands, and what the merchant's own name for it is called."""


class Window(Struct, frozen=True):
    """Which part of a list: so many, after the one that was shown last."""

    limit: int
    after: UUID | None = None


def listed(
    session: Session, query: str, wanted: Mapping[str, object], window: Window, key: str
) -> list[tuple[Any, ...]]:
    """Rows of a query without its `where`, and one more than asked for if there is more.

    `wanted` names columns, `_from` and `_until` behind them for a range, or is a condition of the
    store's own with what stands for its `%s`, or for the names in it (as `%(merchant)s`); None
    is a filter that was not asked for. `key` is the id of the rows: made in time order, so the
    newest come first and what is added meanwhile moves nothing.
    """
    return session.named(*listing(session.merchant_id, query, wanted, window, key))


def listing(
    merchant_id: UUID, query: str, wanted: Mapping[str, object], window: Window, key: str
) -> tuple[str, dict[str, object]]:
    """The query of such a list with its parameters, for who asks it himself."""
    own = key.partition(".")[0]
    conditions = [f"{own}.merchant_id = %(merchant)s"]
    values: dict[str, object] = {"merchant": merchant_id, "most": window.limit + 1}
    for text, value in wanted.items():
        if value is None:
            continue
        named = value if isinstance(value, Mapping) else {f"wanted_{len(values)}": value}
        values |= named
        conditions.append(_condition(own, text).replace("%s", f"%({next(iter(named))})s"))
    if window.after is not None:
        conditions.append(f"{key} < %(after)s")
        values["after"] = window.after
    where = " and ".join(conditions)
    return f"{query} where {where} order by {key} desc limit %(most)s", values


def _condition(own: str, text: str) -> str:
    """A column's name as a condition; a condition as it is."""
    if not text.isidentifier():
        return text
    for ending, sign in (("_from", ">="), ("_until", "<")):
        if text.endswith(ending):
            return f"{own}.{text.removesuffix(ending)} {sign} %s"
    return f"{own}.{text} = %s"


def id_of(session: Session, noun: str, text: str, field: str = "") -> UUID:
    """The id of what is called by its id or by the merchant's own name. Raises NotFound."""
    rows = session.prepared(called(noun), {"merchant": session.merchant_id, **calls(noun, text)})
    found: UUID | None = rows[0][0]
    if found is None:
        raise unknown(noun, text, field)
    return found


def called(noun: str) -> str:
    """The query for the id of what `calls` calls, null for none; it may stand within another."""
    table, name = TABLES[noun]
    own = f"select id from {table} where merchant_id = %(merchant)s and"
    # What its id says comes first; of the versions of one code the newest. Each by its index.
    return (
        f"select coalesce(({own} id = %(own)s::uuid),"
        f" ({own} {name} = %(text)s order by id desc limit 1))"
    )


def calls(noun: str, text: str) -> dict[str, object]:
    """What is called by its id or by the merchant's own name, as parameters of that query."""
    own = None
    with contextlib.suppress(Invalid):
        own = parsed(noun, text)
    return {"own": own, "text": text}


def unknown(noun: str, text: str, field: str = "") -> NotFound:
    """What is said where nothing is called so."""
    word = noun.replace("_", "-")
    return NotFound(f"there is no {word} {text!r}", code=f"unknown_{noun}", field=field or noun)
