"""Migrate subscribers: those of one version of a plan go over to another, told in time before.

A dry run says what it would come to. Carried out it goes in chunks, each of them a transaction with
its messages; running it again skips who was moved already.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from msgspec import Struct, convert, structs, to_builtins

from kesto.core.calendar import local_date
from kesto.core.catalog import PlanVersion
from kesto.core.changes import Shop
from kesto.core.history import Told
from kesto.core.life import Life
from kesto.core.life_items import first_group
from kesto.core.money import digits, round_minor
from kesto.core.moving import Move, Wanted, decide_move, monthly
from kesto.core.notices import PeriodPrice, period_price
from kesto.core.play import play
from kesto.core.refusals import Conflict, Invalid, NotFound
from kesto.countries.raters import rater_of
from kesto.flows.change_subscription import Proposal, carry_out
from kesto.flows.preview_change import UNNUMBERED
from kesto.flows.remind import Sold, sold
from kesto.store import audit, catalogue, jobs, lives, merchants, moving, notices
from kesto.store.notices import NewNotice, NoticeFacts
from kesto.store.session import Session, crash_point, reading, writing
from kesto.store.shop import Party, party, shop

MIGRATE = "migrate_subscribers"
PRICE_CHANGES = "price_changes"
CHUNK = 500
MOST_RISES = 10
FIRST = UUID(int=0)
MOST_REASON = 500


class Rise(Struct, frozen=True):
    """A subscriber for whom it becomes dearer or cheaper, by month in minor units."""

    subscription_id: UUID
    external_id: str
    on: date
    currency: str
    before_minor: int
    after_minor: int

    @property
    def change_minor(self) -> int:
        """By how much it changes."""
        return self.after_minor - self.before_minor


class Sum(Struct, frozen=True):
    """What those who are moved pay in a month, before and after, in one currency."""

    currency: str
    count: int
    before_minor: int
    after_minor: int


class Migration(Struct, frozen=True):
    """What a migration comes to: sums by currency, the biggest rises, who is left alone and why.

    `skipped` counts by a word for the reason. `first_on` and `last_on` are the first and the last
    day on which somebody goes over; None when nobody does.
    """

    wanted: Wanted
    moved: int
    sums: tuple[Sum, ...]
    rises: tuple[Rise, ...]
    skipped: dict[str, int]
    first_on: date | None
    last_on: date | None


class _One(Struct, frozen=True):
    """A subscriber who is moved, with all that writing it takes."""

    found: Party
    told: list[Told]
    move: Move
    before: PeriodPrice
    after: PeriodPrice
    shop: Shop

    @property
    def rise(self) -> Rise:
        return Rise(
            *(self.found.id, self.found.external_id, self.move.on, self.found.currency),
            _minor(monthly(self.before), self.found.currency),
            _minor(monthly(self.after), self.found.currency),
        )


class _Tally:
    """What a migration comes to so far."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.sums: dict[str, tuple[int, Fraction, Fraction]] = {}
        self.rises: list[Rise] = []
        self.skipped: Counter[str] = Counter()
        self.days: set[date] = set()

    def add(self, ones: Sequence[_One | str]) -> None:
        for one in ones:
            if isinstance(one, str):
                self.skipped[one] += 1
                continue
            currency = one.found.currency
            count, before, after = self.sums.get(currency, (0, Fraction(0), Fraction(0)))
            before, after = before + monthly(one.before), after + monthly(one.after)
            self.sums[currency] = (count + 1, before, after)
            self.days.add(one.move.on)
            self.rises.append(one.rise)
        self.rises.sort(key=lambda one: (-one.change_minor, one.external_id))
        del self.rises[MOST_RISES:]

    def migration(self) -> Migration:
        return Migration(
            wanted=self.wanted,
            moved=sum(count for count, _, _ in self.sums.values()),
            sums=tuple(
                Sum(currency, count, _minor(before, currency), _minor(after, currency))
                for currency, (count, before, after) in sorted(self.sums.items())
            ),
            rises=tuple(one for one in self.rises if one.change_minor > 0),
            skipped=dict(sorted(self.skipped.items())),
            first_on=min(self.days, default=None),
            last_on=max(self.days, default=None),
        )


def preview_migration(session: Session, wanted: Wanted, now: datetime) -> Migration:
    """What a migration would come to; reads only. Raises NotFound, Invalid."""
    version = _check(session, wanted)
    tally, today = _Tally(wanted), _today(session, now)
    for ids in _chunks(session, version.id, today):
        tally.add(_decided(session, ids, wanted, now))
    return tally.migration()


def ask_to_migrate(
    merchant_id: UUID, wanted: Wanted, now: datetime, actor: str, *, due_at: datetime
) -> Migration:
    """Ask a worker to move subscribers; answers what it will come to.

    `due_at` is by the workers' clock. Raises NotFound, Invalid; Conflict while others are moved.
    """
    with writing(merchant_id) as session:
        found = preview_migration(session, wanted, now)
        if jobs.is_waiting(session, MIGRATE):
            raise Conflict(
                "subscribers are being moved just now; wait until that is done", code="being_moved"
            )
        payload = {"wanted": to_builtins(wanted), "actor": actor}
        job_id = jobs.ask(session, MIGRATE, payload, due_at)
        data = {"job": job_id, "wanted": to_builtins(wanted), "moved": found.moved}
        audit.record(session, MIGRATE, data, now, actor)
    return found


def wanted_in(payload: object) -> Wanted:
    """What a job was asked for."""
    return convert(payload, Wanted)


def migrate_subscribers(merchant_id: UUID, wanted: Wanted, now: datetime, actor: str) -> Migration:
    """Move subscribers, each told by a message; running it again skips who was moved already.

    Raises NotFound for an unknown plan or version, Invalid.
    """
    with reading(merchant_id, "run") as session:
        version, today = _check(session, wanted), _today(session, now)
    tally, after = _Tally(wanted), FIRST
    while True:
        with writing(merchant_id, "run") as session:
            ids = moving.subscribers(session, version.id, today, after, CHUNK)
            groups = moving.groups_of(session, ids)
            lives.lock_groups(session, sorted({one for own in groups.values() for one in own}))
            ones = _decided(session, ids, wanted, now)
            for one in ones:
                if isinstance(one, _One):
                    _carry_out(session, one, groups[one.found.id], wanted, now, actor)
            crash_point("migrate.before_commit")
        tally.add(ones)
        if len(ids) < CHUNK:
            return tally.migration()
        after = ids[-1]


def _carry_out(
    session: Session,
    one: _One,
    groups: tuple[UUID, ...],
    wanted: Wanted,
    now: datetime,
    actor: str,
) -> None:
    first = first_group(one.told, one.found.group_id)
    proposed = Proposal(
        one.found, one.move.events, tuple(one.told), first, tuple(sorted(groups)), one.shop
    )
    carry_out(session, proposed, one.move.events, now, actor, tells=False)
    facts = NoticeFacts(
        price=one.after, before=one.before, leave_by=one.move.leave_by, reason=wanted.reason
    )
    notices.tell(session, [NewNotice(one.found.id, PRICE_CHANGES, one.move.on, facts)], now)


def _check(session: Session, wanted: Wanted) -> PlanVersion:
    """The version that they leave. Raises NotFound, Invalid."""
    known = catalogue.plan_versions(session)
    if not any(code == wanted.plan for code, _ in known):
        raise NotFound(f"there is no plan {wanted.plan!r}", code="unknown_plan", field="plan")
    for field in ("from_version", "to_version"):
        number = getattr(wanted, field)
        if (wanted.plan, number) not in known:
            raise NotFound(
                f"plan {wanted.plan!r} has no version {number}",
                code="unknown_version",
                field=field,
            )
    if wanted.from_version == wanted.to_version:
        raise Invalid(
            "they have this version already; name another one",
            code="same_version",
            field="to_version",
        )
    least = merchants.limits(session).notice_days
    if wanted.notice_days < least:
        raise Invalid(
            f"another price is told at least {least} days before, as the settings say",
            code="short_notice",
            field="notice_days",
        )
    if len(wanted.reason) > MOST_REASON:
        raise Invalid(f"write up to {MOST_REASON} characters", code="too_long", field="reason")
    return known[wanted.plan, wanted.from_version][0]


def _minor(exact: Fraction, currency: str) -> int:
    """Minor units that are not whole yet, rounded."""
    return round_minor(exact / 10 ** digits(currency), currency)


def _today(session: Session, now: datetime) -> date:
    return local_date(now, merchants.billing_entities(session)[0].zone)


def _chunks(session: Session, version_id: UUID, today: date) -> Iterator[list[UUID]]:
    after = FIRST
    while True:
        ids = moving.subscribers(session, version_id, today, after, CHUNK)
        yield ids
        if len(ids) < CHUNK:
            return
        after = ids[-1]


def _decided(
    session: Session, ids: Sequence[UUID], wanted: Wanted, now: datetime
) -> list[_One | str]:
    """For each subscriber the move, or the word for why there is none."""
    if not ids:
        return []
    histories, shelf = lives.told(session, ids), sold(session)
    entities = {entity.id: entity for entity in merchants.billing_entities(session)}
    counter = shop(session, party(session, f"sub_{ids[0].hex}"), now, is_staff=True)
    found: list[_One | str] = []
    for own in ids:
        one = party(session, f"sub_{own.hex}")
        own_shop = structs.replace(
            counter,
            today=one.clock.day_of(now),
            currency=one.currency,
            includes_tax=one.includes_tax,
            group_id=one.group_id,
            payer_id=one.payer_id,
        )
        country = entities[one.billing_entity_id].country
        found.append(_decide(one, histories[own], wanted, own_shop, (shelf, country)))
    return found


def _decide(
    one: Party, told: list[Told], wanted: Wanted, counter: Shop, priced_by: tuple[Sold, str]
) -> _One | str:
    first = first_group(told, one.group_id)
    life = play(told, first)
    move = decide_move(told, life, wanted, counter)
    if isinstance(move, str):
        return move
    added = [Told(UNNUMBERED + place, one.id, event) for place, event in enumerate(move.events)]
    before = _price(one, life, move.on, priced_by)
    after = _price(one, play([*told, *added], first), move.on, priced_by)
    if before is None or after is None:
        return "changes"
    return _One(one, told, move, before, after, counter)


def _price(one: Party, life: Life, on: date, priced_by: tuple[Sold, str]) -> PeriodPrice | None:
    shelf, country = priced_by
    listing = shelf.listing(one.currency, includes_tax=one.includes_tax)
    return period_price(life, one.group_id, on, listing, rater_of(country))
