"""Alerts of usage: told once in each period, as the customer wishes, and set in the portal."""

from decimal import Decimal
from uuid import UUID

import pytest

from kesto.core.changes.command import ChangeBillingDay
from kesto.core.refusals import Conflict, Invalid, NotFound
from kesto.flows.open_rollups import open_rollups
from kesto.flows.set_alert import NewAlert, drop_alert, set_alert
from kesto.flows.show_notice import notice_views
from kesto.flows.watch_usage import watch_usage
from kesto.jobs.timetable import WATCH, plan
from kesto.store import usage_alerts
from kesto.store.session import reading, writing
from kesto.verify import verify
from kesto.words.notice_mail import notice_mail
from tests.contracts.api_visits import Program, key_for, refused
from tests.contracts.office_visits import member
from tests.contracts.portal_visits import text_of, visit_of
from tests.contracts.usage_visits import calls, metered, sends
from tests.town import ACTOR, Citizen, Town


@pytest.fixture
def aino(town: Town) -> Citizen:
    return town.customer("Aino")


def sets(town: Town, own: UUID, kind: str, threshold: str, meter: str = "talk") -> UUID:
    wanted = NewAlert(meter, kind, Decimal(threshold))
    return set_alert(town.merchant_id, own, wanted, town.now, ACTOR).id


def told(town: Town, language: str = "en") -> list[tuple[str, str]]:
    """The subjects of what was told of usage, in order, each with its text."""
    with reading(town.merchant_id) as session:
        ids = [
            row[0]
            for row in session.rows(
                "select id from notice where merchant_id = %s and kind = 'usage_reached'"
                " order by id",
                town.merchant_id,
            )
        ]
        views = notice_views(session, ids, language, town.now)
    mails = [notice_mail(views[one], "") for one in ids]
    return [(mail.subject, mail.text) for mail in mails]


def subjects(town: Town, language: str = "en") -> list[str]:
    plain = [subject.replace("\N{NO-BREAK SPACE}", " ") for subject, _ in told(town, language)]
    return [subject.partition(": ")[2] for subject in plain]


def test_a_threshold_is_told_once_in_each_period(town: Town, aino: Citizen) -> None:
    own = metered(town, aino)
    sets(town, own, "quantity", "124.5")
    sets(town, own, "share", "80")
    sets(town, own, "amount", "245")
    sets(town, own, "quantity", "124.6")
    assert watch_usage(town.merchant_id, town.now) == 3
    assert sorted(subjects(town)) == [
        "Talk has reached 124.5 min",
        "Talk has reached 80 % of what is included",
        "Talk has reached €2.45",
    ]
    assert watch_usage(town.merchant_id, town.now) == 0
    # What takes it back and what brings it again is told of no second time.
    sends(town, calls("2026-10-30T09:00:00", -50), calls("2026-10-30T09:00:01", "49.9"))
    assert watch_usage(town.merchant_id, town.now) == 0
    sends(town, calls("2026-10-30T10:00:00", "0.2"))
    assert watch_usage(town.merchant_id, town.now) == 1
    assert subjects(town)[-1] == "Talk has reached 124.6 min"
    assert verify(town.merchant_id) == []


def test_a_new_period_begins_anew_and_what_comes_late_belongs_to_its_own(
    town: Town, aino: Citizen
) -> None:
    own = metered(town, aino)
    sets(town, own, "quantity", "100")
    assert watch_usage(town.merchant_id, town.now) == 1
    town.bill(on="2026-11-01")
    town.clock("2026-11-05")
    sends(
        town,
        calls("2026-10-31T23:59:59", 500),
        {"time": "2026-11-01T00:00:00+02:00", "value": 60},
    )
    assert watch_usage(town.merchant_id, town.now) == 0
    sends(town, {"time": "2026-11-02T00:00:00+02:00", "value": 40})
    assert watch_usage(town.merchant_id, town.now) == 1


def test_the_timetable_brings_a_watch_where_something_came(town: Town, aino: Citizen) -> None:
    def waits() -> int:
        plan(town.now)
        with reading(town.merchant_id, "run") as session:
            query = "select count(*) from job where merchant_id = %s and kind = %s"
            row = session.row(query, town.merchant_id, WATCH)
        return int(row[0]) if row else 0

    own = metered(town, aino)
    assert waits() == 0
    sets(town, own, "quantity", "1000")
    assert waits() == 1
    watch_usage(town.merchant_id, town.now)
    assert town.merchant_id not in usage_alerts.merchants_to_watch(town.now)


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_it_is_told_in_the_language_of_the_customer(
    town: Town, aino: Citizen, language: str
) -> None:
    own = metered(town, aino)
    sets(town, own, "share", "80")
    watch_usage(town.merchant_id, town.now)
    ((subject, text),) = told(town, language)
    assert "80" in subject
    number = "124.5" if language == "en" else "124,5"
    assert number in text.replace("\N{NO-BREAK SPACE}", " ")


def test_rollups_tell_what_was_not_looked_at_yet(town: Town, aino: Citizen) -> None:
    """The same with a rollup, after a change that leaves it behind, and for what came late."""
    own = metered(town, aino)
    sets(town, own, "quantity", "124.6")
    open_rollups(town.merchant_id, town.now)
    assert watch_usage(town.merchant_id, town.now) == 0
    assert unseen(town) == 0
    sends(town, calls("2026-10-30T09:00:00", "0.1"))
    assert unseen(town) == 1
    assert watch_usage(town.merchant_id, town.now) == 1
    assert unseen(town) == 0
    sets(town, own, "quantity", "130")
    sets(town, own, "quantity", "140")
    assert unseen(town) == 2
    watch_usage(town.merchant_id, town.now)
    sends(town, calls("2026-10-02T09:00:00", "10"))
    assert unseen(town) == 3
    watch_usage(town.merchant_id, town.now)
    aino.changes(own, ChangeBillingDay(billing_day=15))
    assert unseen(town) == 0
    sends(town, calls("2026-10-30T09:00:01", "10"))
    assert unseen(town) == 3


def unseen(town: Town) -> int:
    """How many alerts are to be looked at."""
    with writing(town.merchant_id, "run") as session:
        found = usage_alerts.unseen(session, town.now, 10)
    assert (town.merchant_id in usage_alerts.merchants_to_watch(town.now)) == bool(found)
    return len(found)


def test_what_cannot_be_set_is_refused(town: Town, aino: Citizen) -> None:
    own = metered(town, aino)
    alert = sets(town, own, "quantity", "5")
    for kind, threshold, meter, code in (
        ("quantity", "0", "talk", "out_of_range"),
        ("quantity", "5", "absent", "unknown_meter"),
        ("share", "80", "level", "nothing_included"),
    ):
        with pytest.raises(Invalid) as refused:
            sets(town, own, kind, threshold, meter)
        assert refused.value.code == code
    with pytest.raises(Conflict):
        sets(town, own, "quantity", "5.0")
    drop_alert(town.merchant_id, own, alert, town.now, ACTOR)
    with pytest.raises(NotFound):
        drop_alert(town.merchant_id, own, alert, town.now, ACTOR)


def test_the_holder_sets_and_removes_one_in_the_portal(town: Town, aino: Citizen) -> None:
    own = metered(town, aino)
    visit = visit_of(aino)
    path = f"/portal/subscriptions/{own}/alerts/"
    assert path in text_of(visit.get(f"/portal/subscriptions/{own}/"))
    wanted = {"meter": "talk", "kind": "amount", "threshold": "2,50"}
    assert visit.post(path, wanted).status_code == 302
    page = text_of(visit.get(path))
    assert "€2.50" in page
    assert "This is set already." in text_of(visit.post(path, wanted))
    wrong = wanted | {"threshold": "much"}
    assert "Write a number, such as 80 or 12.50." in text_of(visit.post(path, wrong))
    with reading(town.merchant_id) as session:
        (kept,) = usage_alerts.of_subscription(session, own)
    assert (kept.kind, kept.threshold) == ("amount", Decimal(250))
    assert visit.post(f"{path}{kept.id}/drop/").status_code == 302
    assert "€2.50" not in text_of(visit.get(path))
    other = visit_of(town.customer("Eino"))
    assert other.get(path).status_code == 404
    assert other.post(f"{path}{kept.id}/drop/").status_code == 404


def test_programs_set_read_and_drop_them(town: Town, aino: Citizen) -> None:
    own = metered(town, aino)
    program = Program(key_for(town))
    path = f"/v1/subscriptions/sub_{own.hex}/alerts"
    wanted = {"meter": "talk", "kind": "amount", "threshold": "2.50"}
    made = program.send("POST", path, wanted, Idempotency_Key="one")
    assert (made.status_code, made.json()["items"]) == (201, [wanted])
    assert refused(program.send("POST", path, wanted, Idempotency_Key="two")) == (409, "exists")
    share = {"meter": "level", "kind": "share", "threshold": "80"}
    answer = program.send("POST", path, share, Idempotency_Key="three")
    assert refused(answer) == (400, "nothing_included")
    assert program.get(path).json()["items"] == [wanted]
    for key in ("four", "five"):  # dropping what is gone changes nothing
        gone = program.send("POST", f"{path}/drop", wanted, Idempotency_Key=key)
        assert (gone.status_code, gone.json()["items"]) == (200, [])


def test_staff_set_and_remove_one_in_the_office(town: Town, aino: Citizen) -> None:
    own = metered(town, aino)
    helper = member(town, "service")
    path = f"/office/subscriptions/{own}/alerts/"
    assert path in text_of(helper.get(f"/office/subscriptions/{own}/"))
    wanted = {"meter": "talk", "kind": "share", "threshold": "80"}
    assert helper.post(path, wanted).status_code == 302
    assert "80 percent of what is included" in text_of(helper.get(path))
    with reading(town.merchant_id) as session:
        (kept,) = usage_alerts.of_subscription(session, own)
    assert kept.set_by.startswith("stf_")
    assert helper.post(f"{path}{kept.id}/drop/").status_code == 302
    assert member(town, "developer").get(path).status_code == 403
