"""History and what is made from it: items, terms, discounts and spans are built and compared."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from kesto.core.discount_lines import StandingDiscount
from kesto.core.history import Told, kind_of, read_event
from kesto.core.ids import shown
from kesto.core.item import Course, Extra
from kesto.core.life import Life
from kesto.core.life_items import first_group, lives_of
from kesto.core.rhythm import Rhythm
from kesto.store.lives import discount_rows, item_rows, term_rows
from kesto.store.proof import DISCOUNT, ITEM, SUBSCRIPTION, TERM, Case
from kesto.verify.finding import Finding, finding
from kesto.verify.sources import Sources
from kesto.verify.subscriptions import R2

Rows = Mapping[Any, tuple[Any, ...]]
DOCUMENTS: Mapping[str, type] = {
    "course::text": Course,
    "extra::text": Extra,
    "rhythm::text": Rhythm,
    "document::text": StandingDiscount,
}


def told_of(case: Case) -> list[Told]:
    """The history of a case's subscriptions, the oldest event first."""
    return [
        Told(seq, subscription_id, read_event(document))
        for seq, subscription_id, _, _, document in case.events
    ]


def first_groups(case: Case, told: Sequence[Told]) -> dict[UUID, UUID]:
    """The group in which each of a case's subscriptions began."""
    place = SUBSCRIPTION.index("billing_group_id")
    return {
        row[0]: first_group([one for one in told if one.subscription_id == row[0]], row[place])
        for row in case.subscriptions
    }


def check_history(case: Case, _sources: Sources) -> Iterator[Finding]:
    """Compare what stands about a group's subscriptions with what their history says."""
    group = case.group
    own = shown("billing_group", group.id)
    newest = max((event[0] for event in case.events), default=0)
    if newest != group.history_seq:
        problem = f"stands at event {group.history_seq}, the newest is {newest}"
        yield finding(R2, table="billing_group", id=own, customer=case.payer, problem=problem)
    told = told_of(case)
    for one, (seq, subscription_id, kind, effective_on, _) in zip(told, case.events, strict=True):
        if (kind, effective_on) != (kind_of(one.event), one.event.on):
            problem = f"event {seq} says other things outside than inside"
            yield finding(R2, table="subscription_event", id=str(subscription_id), problem=problem)
    lives = lives_of(told, first_groups(case, told))
    yield from _compared("subscription", *_subscriptions(case, lives), case)
    made = [row for life in lives for row in item_rows(life)]
    yield from _compared("subscription_item", *_rows(case.items, made, ITEM), case)
    made = [row for life in lives for row in discount_rows(life)]
    yield from _compared("discount", *_rows(case.discounts, made, DISCOUNT), case)
    yield from _compared("contract_term", *_terms(case, lives), case)
    payer, of_group = SUBSCRIPTION.index("payer_id"), SUBSCRIPTION.index("billing_group_id")
    for row in case.subscriptions:
        if row[of_group] == group.id and row[payer] != group.payer_id:
            problem = "its payer is not the payer of its billing group"
            yield finding(R2, table="subscription", id=str(row[0]), problem=problem)


def _subscriptions(case: Case, lives: Sequence[Life]) -> tuple[Rows, Rows]:
    """How each subscription cuts time, when it runs and whose group it is in."""
    made = {}
    for life in lives:
        first = life.first_cadence
        cadence = (first.zone, first.alignment, first.billing_day, first.anchor)
        made[life.subscription_id] = (*cadence, life.start_on, life.end_on, life.group_id)
    return {row[0]: row[3:] for row in case.subscriptions}, made


def _terms(case: Case, lives: Sequence[Life]) -> tuple[Rows, Rows]:
    made = [tuple(row[column] for column in TERM) for life in lives for row in term_rows(life)]
    return {row: row for row in case.terms}, {row: row for row in made}


def _rows(
    stored: Sequence[tuple[Any, ...]], made: Sequence[Mapping[str, Any]], columns: Sequence[str]
) -> tuple[Rows, Rows]:
    """Rows by their id, as they are and as they should be, in values that compare."""
    return (
        {row[0]: tuple(map(_read, columns[1:], row[1:])) for row in stored},
        {row["id"]: tuple(_made(row, column) for column in columns[1:]) for row in made},
    )


def _read(column: str, value: Any) -> Any:
    if column in DOCUMENTS and value is not None:
        return msgspec.json.decode(value, type=DOCUMENTS[column])
    return value


def _made(row: Mapping[str, Any], column: str) -> Any:
    value = row[column.removesuffix("::text")]
    return Decimal(value) if column == "quantity" else value


def _compared(table: str, stored: Rows, made: Rows, case: Case) -> Iterator[Finding]:
    for own in stored.keys() | made.keys():
        is_, should_be = stored.get(own), made.get(own)
        if is_ != should_be:
            yield finding(
                R2,
                table=table,
                id=str(own),
                customer=case.payer,
                stored=_texts(is_),
                recomputed=_texts(should_be),
            )


def _texts(row: Sequence[Any] | None) -> list[str] | None:
    return None if row is None else [str(value) for value in row]
