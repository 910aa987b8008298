"""Moving subscribers to another version of their plan: what it comes to, and the deed."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router

from kesto.api.faults import WRITES
from kesto.api.keys import Bearer, actor_of, now_of, real_now
from kesto.api.once import REQUIRED, Made, once
from kesto.api.schema import Schema
from kesto.api.values import Day, Flag, Given, Name, own_id
from kesto.core.moving import Wanted
from kesto.flows.migrate_subscribers import Migration as Found
from kesto.flows.migrate_subscribers import ask_to_migrate, preview_migration
from kesto.store import merchants
from kesto.store.session import Session

router = Router(tags=["catalogue"])


class NewMigration(Given):
    """Which subscribers are moved: from one version to another, from `on` at the earliest.

    Each is told at least `notice_days` before (null: as the merchant's settings say), with the
    `reason` in your own words. A `dry_run` only says what it would come to.
    """

    from_version: int
    to_version: int
    on: Day
    notice_days: int | None = None
    reason: Name = ""
    dry_run: Flag = True


class MonthlySum(Schema):
    """What those who are moved pay in a month, in one currency, in minor units."""

    currency: str
    count: int
    before_minor: int
    after_minor: int


class Rise(Schema):
    """A subscription that becomes dearer, by month in minor units."""

    subscription: str
    external_id: str
    on: date
    currency: str
    before_minor: int
    after_minor: int


class Migration(Schema):
    """What moving subscribers comes to; `skipped` counts who is left alone by the reason's code.

    Moved they are by a worker unless it is a `dry_run`; `first_on` and `last_on` are the days on
    which the first and the last of them go over.
    """

    dry_run: bool
    moved: int
    sums: list[MonthlySum]
    rises: list[Rise]
    skipped: dict[str, int]
    first_on: date | None
    last_on: date | None


@router.post(
    "/plans/{plan}/migrations",
    operation_id="migrate_subscribers",
    auth=Bearer("write"),
    response={200: Migration, 202: Migration, **WRITES},
    summary="Move subscribers to another version of their plan",
    openapi_extra=REQUIRED,
)
def migrate(request: HttpRequest, plan: str, body: NewMigration) -> HttpResponse:
    """Say first what it comes to (`dry_run`, the default), then have a worker do it.

    Each goes over with the first period that starts after the day, after the notice, and late
    enough to leave before. Done again, it skips who was moved already.
    """

    def work(session: Session) -> Made:
        now, own = now_of(merchants.merchant(session)), session.merchant_id
        days = body.notice_days
        wanted = Wanted(
            plan=plan,
            from_version=body.from_version,
            to_version=body.to_version,
            on=body.on,
            notice_days=merchants.limits(session).notice_days if days is None else days,
            reason=body.reason,
        )
        if body.dry_run:
            return Made(200, _shown(preview_migration(session, wanted, now), dry_run=True), own)
        actor = actor_of(request)
        found = ask_to_migrate(own, wanted, now, actor, due_at=real_now())
        return Made(202, _shown(found, dry_run=False), own)

    return once(request, work)


def _shown(found: Found, *, dry_run: bool) -> Migration:
    return Migration(
        dry_run=dry_run,
        moved=found.moved,
        sums=[
            MonthlySum(
                currency=one.currency,
                count=one.count,
                before_minor=one.before_minor,
                after_minor=one.after_minor,
            )
            for one in found.sums
        ],
        rises=[
            Rise(
                subscription=own_id("subscription", one.subscription_id),
                external_id=one.external_id,
                on=one.on,
                currency=one.currency,
                before_minor=one.before_minor,
                after_minor=one.after_minor,
            )
            for one in found.rises
        ],
        skipped=found.skipped,
        first_on=found.first_on,
        last_on=found.last_on,
    )
