"""On a test clock a message bears the day on which it was told, however late a worker comes."""

from datetime import UTC, datetime

from msgspec.structs import replace

from kesto.flows.live_through import live_through
from kesto.flows.mailroom import sender_of
from kesto.flows.move_clock import move_clock
from kesto.store.session import reading
from tests.contracts.delivery_office import Desk, Server, person, received, rows
from tests.contracts.portal_visits import text_of, visit_of
from tests.town import Town

DAYS = (
    "select kind, channel, (created_at at time zone 'Europe/Helsinki')::date::text,"
    " (sent_at at time zone 'Europe/Helsinki')::date::text from message"
    " where kind = 'invoice.issued' order by 3, 2"
)
END = datetime(2027, 1, 20, 6, tzinfo=UTC)


def test_messages_of_days_that_passed_bear_those_days(
    town: Town, desk: Desk, server: Server
) -> None:
    aino = person(town, "Aino", language="en")
    live_through(town.merchant_id, END)
    desk.deliver()
    told = [
        ("invoice.issued", channel, day, day)
        for day in ("2026-11-01", "2026-12-01", "2027-01-01")
        for channel in ("email", "portal")
    ]
    assert rows(town.merchant_id, DAYS) == told
    town.now = END
    page = text_of(visit_of(aino).get("/portal/messages/"))
    assert "1 December 2026" in page
    assert "20 January 2027" not in page.split("Figures as of")[0]
    assert len(server.mails) == 3


def test_a_mail_bears_the_day_of_the_clock(town: Town, desk: Desk, server: Server) -> None:
    person(town, "Aino")
    town.bill(on="2026-11-01")
    move_clock(town.merchant_id, END)
    desk.deliver()
    (mail,) = received(server).values()
    assert mail["Date"].datetime.date().isoformat() == "2026-11-01"


def test_a_live_merchants_moment_is_the_one_it_is_sent_at(town: Town, desk: Desk) -> None:
    with reading(town.merchant_id) as session:
        sender = sender_of(session, desk.room())
    live = replace(sender, merchant=replace(sender.merchant, clock_at=None))
    assert live.by_its_clock(END, desk.now) == desk.now
    assert sender.by_its_clock(END, desk.now) == END
