"""What the browser tests of the office need: a town where some of everything waits."""

import secrets
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from msgspec import structs

from kesto.core.changes import AddExtra, Cancel, ChangeAddress, ChangePlan, Pause, SkipDelivery
from kesto.core.ids import shown
from kesto.core.price_series import PriceSeries, SeriesValue
from kesto.flows.accept_staff_link import accept_staff_link
from kesto.flows.accept_usage import accept_together
from kesto.flows.change_settings import change_merchant
from kesto.flows.clear_run import SCHEDULE
from kesto.flows.decide_run import approve_run, decline_run
from kesto.flows.give_prices import give_prices
from kesto.flows.invite_staff import invite_staff
from kesto.flows.make_key import make_key
from kesto.flows.make_price_series import make_price_series
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.record_fulfilment import Report, record_fulfilment
from kesto.flows.revoke_key import revoke_key
from kesto.flows.show_deliveries import stops
from kesto.flows.show_drafts import show_drafts
from kesto.store import approvals, bank, merchants, staff
from kesto.store.approvals import Approval
from kesto.store.ids import new_id
from kesto.store.merchants import Limits
from kesto.store.session import reading, writing
from kesto.store.usage import letters
from kesto.store.web_sessions import WebSession, keep_session
from kesto.web.ui.sessions import OFFICE, hashed
from tests import boxes
from tests.town import ACTOR, Citizen, Town, day
from tests.worked import offered

NAMES = (
    "Aino Virtanen",
    "Matti Meikäläinen",
    "Liisa Laine-Hämäläinen",
    "Sven Nyman",
    "Kahvila Meri Oy",
    "Priya Sharma",
)
FREE_LINKS = 2
Figures = tuple[int, int, int, int, int]
LIMIT_MINOR = 5000


def office_facts() -> dict[str, object]:
    """A town with invoices of every kind, payments that wait and an invoice set aside."""
    town = Town.founded(on="2026-09-01")
    people = [town.customer(name, language="fi") for name in NAMES]
    held = [
        person.subscribes("basic", on="2026-09-01", add_ons=["safety", "magazine"])
        for person in people
    ]
    paid, part, credited, *_ = town.bill(on="2026-10-01")
    town.pays(paid)
    town.pays(part, amount_minor=500)
    town.credits(credited)
    town.bill(on="2026-11-01")
    town.clock("2026-11-12")
    for name in ("SHARMA PRIYA", "NYMAN SVEN", "KAHVILA MERI OY"):
        town.pays(amount_minor=paid.invoice.total_minor, payer_name=name, texts=("lasku",))
    town.pays(amount_minor=345, payer_name="PANKKI", direction="out")
    town.bill(on="2026-12-01")
    set_aside(town, people[0])
    make_key(town.merchant_id, "Verkkokauppa", ["calculate"], town.now, ACTOR)
    old = make_key(town.merchant_id, "Old shop", ["read"], town.now, ACTOR)
    revoke_key(town.merchant_id, old.id, town.now, ACTOR)
    publish_catalogue(town.merchant_id, offered(), town.now, ACTOR)
    spot_prices(town)
    message_of_unknown_end(town, people[1])
    links = [link(town, n) for n in range(FREE_LINKS)]
    return {
        "visit": visit(town),
        "links": links,
        "customer": str(people[0].customer.id),
        "subscription": str(a_life(town, people[3], held[3])),
        "paid": paid.number,
        "credited": credited.number,
        "open": part.number,
        "draft": str(a_draft(town, people[4])),
        "rejected": rejected_usage(town),
        **a_box(town, people[2]),
        "approval": str(a_declined_run(town)),
        **places(town),
    }


def a_declined_run(town: Town) -> UUID:
    """A run above the limit that somebody declined."""
    own = a_run_that_waits(town, str(town.now.date()), SCHEDULE, (6, 123_400, 98_000, 0, 1))
    decline_run(town.merchant_id, own, "Hinnat ovat väärin", town.now, ACTOR)
    return own


def spot_prices(town: Town) -> None:
    """A price series of a fortnight with a gap and hours below zero, and one without prices."""
    for code, name in ("spot-fi", "Pörssisähkö, Suomi"), ("spot-se", "Elbörsen, Sverige"):
        series = PriceSeries(new_id(), code, name, "EUR", "kWh", "hour")
        make_price_series(town.merchant_id, series, town.now, ACTOR)
    start = datetime(2026, 11, 17, 22, tzinfo=UTC)
    values = [
        SeriesValue(start + timedelta(hours=n), Decimal(n * 37 % 190 - 30 - n // 3) / 1000)
        for n in range(14 * 24)
        if n not in {60, 61}
    ]
    give_prices(town.merchant_id, "spot-fi", values, town.now, ACTOR)


def empty_office() -> dict[str, object]:
    """A town in which nobody has bought anything yet, with meters and plans to choose from."""
    town = Town.founded(on="2026-10-01")
    publish_catalogue(town.merchant_id, offered(), town.now, ACTOR)
    return {"visit": visit(town)}


def careful_office() -> dict[str, object]:
    """A town with a limit: runs were decided on, and one waits that has changed since."""
    town = Town.founded(on="2026-09-01")
    own = visit(town)
    with reading(town.merchant_id) as session:
        limits = structs.replace(merchants.limits(session), run_limit_invoices=6000)
        (owner,) = (shown("staff", one.id) for one in staff.members(session))
    limits = structs.replace(limits, run_limit_minor=25_000_000)
    change_merchant(town.merchant_id, "Town", limits, town.now, ACTOR)
    key = make_key(town.merchant_id, "Talouspalvelu", ("read", "approve"), town.now, ACTOR)
    waits = a_run_that_waits(town, "2026-08-01", "command line", (7012, 27_404_100, 0, 0, 0))
    decline_run(town.merchant_id, waits, "Hinnasto on väärä: katso sopimus 17.", town.now, owner)
    a_run_that_waits(town, "2026-08-01", "command line", (7012, 27_404_100, 0, 0, 0))
    with writing(town.merchant_id) as session:
        found = approvals.waiting(session)
        assert found is not None
        approvals.decide(session, found.id, "replaced", "", town.now, SCHEDULE)
    first = a_run_that_waits(town, "2026-09-01", SCHEDULE, (7031, 27_481_055, 27_404_100, 0, 3))
    actor = shown("api_key", key.id)
    approve_run(town.merchant_id, first, "", town.now, actor, due_at=None)
    figures = (7043, 28_012_310, 27_404_100, 4_500, 2)
    waits = a_run_that_waits(town, "2026-09-01", SCHEDULE, figures, first)
    return {"visit": own, "waiting": str(waits), "approved": str(first)}


def a_run_that_waits(
    town: Town, through: str, asked_by: str, figures: Figures, earlier: UUID | None = None
) -> UUID:
    """A run above the limit, with what it would come to."""
    own = new_id()
    with writing(town.merchant_id) as session:
        place = (own, day(through), asked_by, town.now)
        approvals.add(session, Approval(*place, *figures, earlier_id=earlier))
    return own


def set_aside(town: Town, citizen: Citizen) -> None:
    """Let the next invoice of somebody be above the limit."""
    change_merchant(town.merchant_id, "Town", Limits(LIMIT_MINOR, 2000, 60), town.now, ACTOR)
    citizen.subscribes("plus", on="2026-12-02", quantity="1")
    citizen.subscribes("seats", on="2026-12-02", quantity="900")
    town.bill(on="2027-01-02")


def a_life(town: Town, citizen: Citizen, own: UUID) -> UUID:
    """A subscription to which something happened, and for which something lies ahead."""
    citizen.changes(own, ChangePlan("plus"))
    citizen.changes(own, AddExtra("line", Decimal(15)))
    citizen.changes(own, Pause(on=day("2027-03-01"), until=day("2027-04-01")))
    citizen.changes(own, Cancel(last_day=day("2027-06-30"), reason="Muutto"))
    assert town.now
    return own


def a_box(town: Town, citizen: Citizen) -> dict[str, str]:
    """A box of which one was sent, one is skipped and one goes elsewhere; and its delivery days."""
    boxes.opened(town)
    start = town.now.date() - timedelta(days=20)
    own = citizen.subscribes("box", on=str(start), add_ons=["coffee"])
    with reading(town.merchant_id) as session:
        found = stops(session, start, start + timedelta(days=60), own)
    past, coming = found[0].on, [one.on for one in found if one.on > town.now.date()]
    for state in ("sent", "failed"):
        report = Report(past, state, carrier="Posti", tracking="JJFI1", note="Ei kotona")
        record_fulfilment(town.merchant_id, own.hex, report, town.now, ACTOR)
    citizen.changes(own, SkipDelivery(coming[1]))
    away = ChangeAddress("Liisa Laine", "Rantatie 1", "39100", "Hämeenkyrö", on=coming[2])
    citizen.changes(own, away)
    return {"box": str(own), "box_sent": str(past), "box_coming": str(coming[0])}


def a_draft(town: Town, citizen: Citizen) -> UUID:
    """The billing group of something that fell due today and waits two weeks."""
    limits = Limits(LIMIT_MINOR, 2000, 60, grace_days=14)
    change_merchant(town.merchant_id, "Town", limits, town.now, ACTOR)
    citizen.subscribes("plus", on=str(town.now.date()), is_consolidated=False)
    with reading(town.merchant_id) as session:
        found = show_drafts(session, town.now.date(), "fi", payer_id=citizen.customer.id)
    return found.found[0].next.group_id


def message_of_unknown_end(town: Town, citizen: Citizen) -> None:
    """A message of which nobody knows whether it arrived."""
    with writing(town.merchant_id) as session:
        row = {
            "id": new_id(),
            "customer_id": citizen.customer.id,
            "kind": "invoice.issued",
            "channel": "email",
            "language": "fi",
            "state": "unknown",
            "reason": "mail_server_away",
            "created_at": town.now,
            "subject_id": new_id(),
        }
        usual = {"address": "", "subject": "", "text": "", "html": "", "is_attached": False}
        session.add("message", [{**row, **usual, "attempts": 1}])


def places(town: Town) -> dict[str, str]:
    """Where some of it is found."""
    with reading(town.merchant_id) as session:
        run = session.row("select id from billing_run order by id desc limit 1")
        entity = session.row("select id from billing_entity")
        waiting = bank.queue(session)
    out = next(one for one in waiting if one.entry.direction == "out")
    return {
        "run": str((run or [""])[0]),
        "seller": str((entity or [""])[0]),
        "outgoing": str(out.id),
    }


def link(town: Town, number: int) -> str:
    """A one-time link that nobody has used."""
    token = secrets.token_urlsafe()
    email = f"uusi-{number}@example.com"
    now = datetime.now(UTC)
    invite_staff(town.merchant_id, "Uuno Uusi", email, "owner", "en", token, now, ACTOR)
    return f"/office/welcome/{token}/"


def visit(town: Town) -> str:
    """An owner at work; answers the key of the visit."""
    token, now = secrets.token_urlsafe(), datetime.now(UTC)
    email = f"{town.code}@example.com"
    own: UUID = invite_staff(
        town.merchant_id, "Olli Omistaja", email, "owner", "en", token, now, ACTOR
    )
    accept_staff_link(token, secrets.token_urlsafe(), now)
    key = secrets.token_urlsafe()
    kept = WebSession(town.merchant_id, own, {"agent": "Chrome Linux", "since": now.isoformat()})
    keep_session(hashed(key), OFFICE.kind, kept, OFFICE.seconds)
    return key


def rejected_usage(town: Town) -> str:
    """Events of a program that knew too little; the id of one of them."""
    event = {"meter": "talk", "time": "2026-11-11T12:30:00+02:00", "value": "12.5"}
    sent = [
        {**event, "id": "cdr-2026-11-11-000117", "customer": "virtanen-0417"},
        {**event, "id": "cdr-2026-11-11-000118", "customer": "virtanen-0417", "value": 3},
        {**event, "id": "cdr-2026-11-11-000119", "customer": NAMES[0].lower(), "meter": "sms-eu"},
    ]
    accept_together(town.merchant_id, [sent], town.now)
    with reading(town.merchant_id) as session:
        return str(letters.letters(session)[0].id)
