"""Customers in lists: searched, counted, a page at a time with what they owe."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, get_args
from uuid import UUID

from msgspec import Struct

from kesto.store.session import Session

Filter = Literal["all", "active", "open", "overdue"]
FILTERS: tuple[Filter, ...] = get_args(Filter)
MOST_WORDS = 6

RUNS = "s.start_on <= %(today)s and (s.end_on is null or s.end_on > %(today)s)"
OPEN = "n.total_minor - coalesce(t.settled_minor, 0)"
OWING = f"""
    from invoice n
    left join settlement t on t.merchant_id = n.merchant_id and t.invoice_id = n.id
    where n.merchant_id = %(own)s and n.kind = 'invoice' and n.currency = %(currency)s
        and {OPEN} > 0
"""
LATE = " and n.due_on < %(today)s"
ACTIVE = (
    f"and c.id in (select s.holder_id from subscription s where s.merchant_id = %(own)s and {RUNS})"
)
LISTED = f"""
    select c.id, c.external_id, p.name, c.kind, p.city, p.email, c.language,
        (select count(*) from subscription s where s.merchant_id = c.merchant_id
            and s.holder_id = c.id and {RUNS}),
        owed.open_minor, owed.overdue_minor
    from customer c
    join person p on p.merchant_id = c.merchant_id and p.id = c.person_id
    cross join lateral (
        select coalesce(sum({OPEN}), 0)::bigint as open_minor,
            coalesce(sum({OPEN}) filter (where n.due_on < %(today)s), 0)::bigint as overdue_minor
        from billing_group g
        join invoice n on n.merchant_id = g.merchant_id and n.billing_group_id = g.id
        left join settlement t on t.merchant_id = n.merchant_id and t.invoice_id = n.id
        where g.merchant_id = c.merchant_id and g.payer_id = c.id and n.kind = 'invoice'
            and n.currency = %(currency)s) owed
    where c.merchant_id = %(own)s and c.id = any(%(ids)s)
"""


class Wanted(Struct, frozen=True):
    """Which customers a list shows; sums are in the currency, `today` says what is late."""

    search: str
    filter: Filter
    currency: str
    today: date


class Listed(Struct, frozen=True):
    """A customer in a list; `active` counts the subscriptions that run."""

    id: UUID
    external_id: str
    name: str
    kind: str
    city: str
    email: str
    language: str
    active: int
    open_minor: int
    overdue_minor: int


class Summed(Struct, frozen=True):
    """How many customers there are, what they owe together, the subscriptions that run."""

    count: int
    open_minor: int
    overdue_minor: int
    active: int


def summed(session: Session, wanted: Wanted) -> Summed:
    """What the whole list comes to."""
    chosen = "" if _chooses_all(wanted) else " and n.customer_id in (select id from chosen)"
    held = "" if _chooses_all(wanted) else " and s.holder_id in (select id from chosen)"
    query = (
        f"with chosen as materialized ({_chosen(wanted)}),"
        f" owed as (select sum({OPEN})::bigint as open_minor,"
        f"  sum({OPEN}) filter (where n.due_on < %(today)s)::bigint as overdue_minor"
        f"  {OWING}{chosen})"
        " select (select count(*) from chosen), coalesce(open_minor, 0),"
        " coalesce(overdue_minor, 0), (select count(*) from subscription s"
        f"  where s.merchant_id = %(own)s and {RUNS}{held}) from owed"
    )
    (row,) = session.named(query, _words(session, wanted))
    return Summed(*row)


def page(session: Session, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Listed]:
    """A page of the list: by name, or the largest debts first."""
    words = _words(session, wanted) | {"limit": limit, "offset": offset}
    query = f"{_in_order(wanted)} limit %(limit)s offset %(offset)s"
    ids = [row[0] for row in session.named(query, words)]
    found = {row[0]: Listed(*row) for row in session.named(LISTED, words | {"ids": ids})}
    return [found[own] for own in ids]


def _chooses_all(wanted: Wanted) -> bool:
    return wanted.filter == "all" and not _search_words(wanted.search)


def _chosen(wanted: Wanted) -> str:
    """The ids of all customers of the list."""
    if wanted.filter in {"all", "active"}:
        return f"select c.id {_people(wanted)}"
    return f"select n.customer_id as id {_debts(wanted)} group by n.customer_id"


def _in_order(wanted: Wanted) -> str:
    if wanted.filter in {"all", "active"}:
        return f"select c.id {_people(wanted)} order by p.name, c.external_id, c.id"
    return f"{_chosen(wanted)} order by sum({OPEN}) desc, n.customer_id"


def _people(wanted: Wanted) -> str:
    """Customers with all words of the search in their name, number, e-mail or phone."""
    fields = ("p.name", "c.external_id", "p.email", "replace(p.phone, ' ', '')", "c.business_id")
    conditions = [
        "(" + " or ".join(f"{field} ilike %(word_{n})s" for field in fields) + ")"
        for n in range(len(_search_words(wanted.search)))
    ]
    return (
        "from customer c join person p on p.merchant_id = c.merchant_id and p.id = c.person_id"
        f" where {' and '.join(['c.merchant_id = %(own)s', *conditions])}"
        f" {ACTIVE if wanted.filter == 'active' else ''}"
    )


def _debts(wanted: Wanted) -> str:
    late = LATE if wanted.filter == "overdue" else ""
    if not _search_words(wanted.search):
        return f"{OWING}{late}"
    return f"{OWING}{late} and n.customer_id in (select c.id {_people(wanted)})"


def _words(session: Session, wanted: Wanted) -> dict[str, object]:
    words = {f"word_{n}": f"%{word}%" for n, word in enumerate(_search_words(wanted.search))}
    return {
        "own": session.merchant_id,
        "currency": wanted.currency,
        "today": wanted.today,
        **words,
    }


def _search_words(search: str) -> Sequence[str]:
    """The words searched for; what LIKE would read as a pattern is taken as it is written."""
    plain = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return plain.split()[:MOST_WORDS]
