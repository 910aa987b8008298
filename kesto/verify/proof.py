"""The proof: every invariant asked, every invoice computed anew; what is found is told, all of it.

Nothing that stands in the database can stop it: what can't even be read is a finding too.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import structs

from kesto.core.counting import Ask, Asked
from kesto.core.ids import shown
from kesto.countries.raters import rater_of
from kesto.store import catalogue, invoices, merchants, proof
from kesto.store.proof import Case
from kesto.store.session import LOST, Session, reading
from kesto.store.usage.chosen import clickhouse
from kesto.store.usage.counted import UsageBook
from kesto.verify.audit import check_audit
from kesto.verify.documents import check_documents
from kesto.verify.finding import Finding, finding
from kesto.verify.history import check_history
from kesto.verify.installation import check_installation
from kesto.verify.invariants import OF_MERCHANT
from kesto.verify.invoices import I10
from kesto.verify.published import Prices, check_published
from kesto.verify.recompute import recompute, used_in
from kesto.verify.sources import Sources
from kesto.verify.usage_store import ELSEWHERE, check_usage_store

CHUNK_GROUPS = 2_000
CHECKS = (check_history, check_documents, recompute)
NOBODY = UUID(int=0)

log = logging.getLogger("kesto.verify")

Progress = Callable[[int], None]


class Share(NamedTuple):
    """Which share of the proof: processes side by side take one each."""

    number: int = 0
    of: int = 1

    def takes(self, place: int) -> bool:
        """Whether what stands at that place belongs to the share."""
        return place % self.of == self.number


WHOLE = Share()


def verify(
    merchant_id: UUID, progress: Progress = lambda _: None, share: Share = WHOLE
) -> list[Finding]:
    """Prove one merchant's invoices, books and history; no finding means that all of it holds.

    `progress` is told of each chunk how many billing groups it had. All shares of a proof make
    the whole; what is asked of all groups at once belongs to the first.
    """
    with reading(merchant_id, "audit") as session:
        proof.plan_for_many(session)
        code = merchants.merchant(session).code
        findings = [*_of_merchant(session, progress, share)]
        if share.takes(0):
            findings += check_installation(session, merchant_id)
        named = _named(session, findings, code)
    return named + (_in_store(merchant_id, code) if share.takes(0) else [])


def verify_all(progress: Progress = lambda _: None) -> list[Finding]:
    """Prove every merchant of the installation, and what lies between them."""
    findings = []
    for merchant in merchants.all_merchants():
        with reading(merchant.id, "audit") as session:
            proof.plan_for_many(session)
            own = list(_of_merchant(session, progress, WHOLE))
            findings += _named(session, own, merchant.code)
        findings += _in_store(merchant.id, merchant.code)
    with reading(NOBODY, "audit") as session:
        proof.plan_for_many(session)
        findings += check_installation(session, None)
    return findings


def _of_merchant(session: Session, progress: Progress, share: Share) -> Iterator[Finding]:
    prices, spoilt = check_published(session)
    if share.takes(0):
        yield from spoilt
        yield from _of_all(session)
    sources = _sources(session, prices)
    ids = proof.group_ids(session)
    for place, start in enumerate(range(0, len(ids), CHUNK_GROUPS)):
        if share.takes(place):
            chunk = ids[start : start + CHUNK_GROUPS]
            yield from _groups(session, chunk, sources)
            progress(len(chunk))


def _of_all(session: Session) -> Iterator[Finding]:
    for invariant in OF_MERCHANT:
        if invariant.query and not (clickhouse() and invariant.id in ELSEWHERE):
            for row in proof.evidence(session, invariant.query):
                yield Finding(invariant.id, invariant.sentence, row)
    yield from check_audit(session)


def _in_store(merchant_id: UUID, code: str) -> list[Finding]:
    """What is asked of events that are not in PostgreSQL, in transactions of its own."""
    return [structs.replace(one, merchant=code) for one in check_usage_store(merchant_id)]


def _sources(session: Session, prices: Prices) -> Sources:
    entities = {entity.id: entity for entity in merchants.billing_entities(session)}
    raters = {entity.id: rater_of(entity.country) for entity in entities.values()}
    products = {one.id: one for one in catalogue.products(session).values()}
    return Sources(
        *(entities, raters, lambda owner_id: prices.get(owner_id, ()), products.__getitem__),
        UsageBook(session, from_events=True),
    )


def _groups(session: Session, ids: Sequence[UUID], sources: Sources) -> list[Finding]:
    """Check billing groups; when some can't be read, halve them until the one at fault is named."""
    try:
        cases = proof.cases(session, ids)
    except LOST:
        raise
    except Exception as error:  # noqa: BLE001 - what can't be read is a finding, not the end
        if len(ids) == 1:
            return [_spoilt(ids[0], error)]
        middle = len(ids) // 2
        halves = (ids[:middle], ids[middle:])
        return [found for half in halves for found in _groups(session, half, sources)]
    _count_ahead(cases, sources)
    return [found for case in cases for found in _group(case, sources)]


def _count_ahead(cases: Sequence[Case], sources: Sources) -> None:
    """Count at once what the groups used, as their history has it by now.

    What came late to an invoice, or was of other days before a change, is counted by itself then.
    """
    sources.usage.forget()
    asks: dict[Asked, Ask] = {}
    for case in cases:
        try:
            for ask in used_in(case, sources):
                asks[ask.key] = ask
        except Exception as error:  # noqa: BLE001 - told by the check of the group, which follows
            log.debug("%s: %s", case.group.id, error)
    sources.usage.fetch(list(asks.values()))


def _group(case: Case, sources: Sources) -> Iterator[Finding]:
    for check in CHECKS:
        try:
            yield from check(case, sources)
        except Exception as error:  # noqa: BLE001 - what can't be computed is a finding, not the end
            yield _spoilt(case.group.id, error)


def _spoilt(group_id: UUID, error: Exception) -> Finding:
    problem = f"it can't be computed: {type(error).__name__}: {error}"
    return finding(I10, group=shown("billing_group", group_id), problem=problem)


def _named(session: Session, findings: Sequence[Finding], merchant: str) -> list[Finding]:
    """Call invoices by their numbers, and say whose the findings are."""
    ids = {str(own) for one in findings if (own := one.evidence.get("invoice"))}
    numbers = invoices.numbers_of(session, [UUID(own) for own in sorted(ids)])
    named = {str(own): number for own, number in numbers.items()}
    return [
        structs.replace(one, merchant=merchant, evidence=_with_number(one.evidence, named))
        for one in findings
    ]


def _with_number(evidence: dict[str, Any], numbers: dict[str, str]) -> dict[str, object]:
    own = evidence.get("invoice")
    if not own:
        return {name: value for name, value in evidence.items() if value is not None}
    number = numbers.get(str(own)) or shown("invoice", UUID(str(own)))
    return {"invoice": number, **{k: v for k, v in evidence.items() if k != "invoice"}}
