"""Billing runs above the limit, over the API: seen, decided on by a key that may, and listed."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from kesto.api.values import own_id
from kesto.core.ids import parsed
from kesto.core.refusals import NotAllowed
from kesto.core.staff import Role
from kesto.flows.change_staff import change_role
from kesto.flows.clear_run import SCHEDULE, ApprovalWaits, RunAsked, clear_run
from kesto.flows.make_key import make_key
from kesto.store import staff
from kesto.store.session import reading
from tests.contracts.api_visits import Program, key_for, refused
from tests.contracts.office_visits import facts, member, real_now, text_of
from tests.contracts.run_approval_test import asked, done_by_worker, limit, the_one, waits
from tests.town import Town

DAY = date(2026, 11, 1)
RUNS = "/v1/run_approvals"


@pytest.fixture
def street(town: Town) -> Town:
    """Two who are due, in a town that asks before more than one invoice."""
    for name in ("Aino", "Eino"):
        town.customer(name).subscribes("basic", on="2026-10-01")
    town.clock("2026-11-01")
    limit(town, invoices=1)
    return town


def decided(program: Program, own: str, verb: str, note: str = "", key: str = "k") -> Any:
    """Send a decision."""
    return program.post(f"{RUNS}/{own}/{verb}", {"note": note}, Idempotency_Key=key)


def shown_of(town: Town) -> str:
    """The run that waits, as the API names it."""
    return own_id("run_approval", the_one(town).id)


def somebody(town: Town, role: Role) -> tuple[str, Client]:
    """Somebody at work: as the log names them, and their browser."""
    with reading(town.merchant_id) as session:
        before = {one.id for one in staff.members(session)}
    browser = member(town, role)
    with reading(town.merchant_id) as session:
        (new,) = {one.id for one in staff.members(session)} - before
    return own_id("staff", new), browser


def key_by(town: Town, actor: str) -> Program:
    """A program whose key that somebody made."""
    return Program(make_key(town.merchant_id, "erp", ("read", "approve"), real_now(), actor).key)


def test_a_run_that_waits_is_seen_with_its_figures(street: Town) -> None:
    program = Program(key_for(street))
    assert program.get(RUNS).json() == {"items": [], "next_cursor": None}
    asked(street, SCHEDULE)
    (one,) = program.get(f"{RUNS}?state=waiting").json()["items"]
    assert one == {
        "id": shown_of(street),
        "state": "waiting",
        "through": "2026-11-01",
        "asked_by": SCHEDULE,
        "asked_at": "2026-11-01T06:00:00Z",
        "currency": "EUR",
        "invoices": 2,
        "total": "20.00",
        "before": "0.00",
        "credited": "0.00",
        "set_aside": 0,
        "earlier": None,
        "decided_by": "",
        "decided_at": None,
        "note": "",
    }
    assert program.get(f"{RUNS}/{one['id']}").json() == one


def test_an_approved_run_begins_and_is_sent_once(street: Town) -> None:
    asked(street, SCHEDULE)
    program, own = Program(key_for(street)), shown_of(street)
    answer = decided(program, own, "approve", "  seen and  good ")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["id"], told["state"], told["note"]) == (own, "approved", "seen and good")
    assert told["decided_by"].startswith("key_")
    assert told["decided_at"] == "2026-11-01T06:00:00Z"
    again = decided(program, own, "approve", "  seen and  good ")
    assert (again.content, again["Idempotency-Replayed"]) == (answer.content, "true")
    assert refused(decided(program, own, "approve", key="other")) == (409, "decided_already")
    assert refused(decided(program, own, "decline", key="third")) == (409, "decided_already")
    assert street.invoices() == []
    done_by_worker(street)
    assert len(street.invoices()) == 2


def test_a_declined_run_bills_nothing(street: Town) -> None:
    asked(street, SCHEDULE)
    told = decided(Program(key_for(street)), shown_of(street), "decline", "too dear").json()
    assert (told["state"], told["note"]) == ("declined", "too dear")
    done_by_worker(street)
    assert (street.invoices(), waits(street)) == ([], False)


def test_what_has_changed_since_waits_again(street: Town) -> None:
    asked(street, SCHEDULE)
    program, first = Program(key_for(street)), shown_of(street)
    decided(program, first, "approve")
    street.customer("Sven").subscribes("basic", on="2026-10-01")
    done_by_worker(street)
    assert street.invoices() == []
    (again,) = program.get(f"{RUNS}?state=waiting").json()["items"]
    assert (again["earlier"], again["invoices"], again["total"]) == (first, 3, "30.00")
    decided(program, again["id"], "approve", key="k2")
    done_by_worker(street)
    assert len(street.invoices()) == 3


@pytest.mark.parametrize("scopes", [("read",), ("write",), ("read", "write", "calculate", "usage")])
def test_only_a_key_with_the_scope_decides(street: Town, scopes: tuple[str, ...]) -> None:
    asked(street, SCHEDULE)
    program, own = Program(key_for(street, *scopes)), shown_of(street)
    for verb in ("approve", "decline"):
        answer = decided(program, own, verb)
        assert refused(answer) == (403, "scope_missing")
        assert "approve" in answer.json()["detail"]
    assert waits(street)


def test_nobody_approves_through_a_key_what_they_asked_for(street: Town) -> None:
    finance, _ = somebody(street, "finance")
    owner, browser = somebody(street, "owner")
    asked(street, finance)
    own, the_one_id = shown_of(street), the_one(street).id
    assert refused(decided(key_by(street, finance), own, "approve")) == (403, "four_eyes")
    assert waits(street)
    assert decided(key_by(street, owner), own, "approve", "from the ERP").status_code == 200
    page = text_of(browser.get(f"/office/runs/approval/{the_one_id}/"))
    assert facts(page)["Approved by"] == "The API key erp"


def test_who_asked_may_decline_through_a_key(street: Town) -> None:
    finance, _ = somebody(street, "finance")
    somebody(street, "owner")
    asked(street, finance)
    answer = decided(key_by(street, finance), shown_of(street), "decline")
    assert answer.json()["state"] == "declined"


def test_who_is_alone_approves_through_a_key(street: Town) -> None:
    owner, _ = somebody(street, "owner")
    somebody(street, "service")
    asked(street, owner)
    assert decided(key_by(street, owner), shown_of(street), "approve").status_code == 200


def test_who_may_not_start_runs_makes_no_key_that_approves_them(street: Town) -> None:
    developer, _ = somebody(street, "developer")
    with pytest.raises(NotAllowed) as refusal:
        key_by(street, developer)
    assert (refusal.value.code, refusal.value.field) == ("scope_not_yours", "scopes")
    make_key(street.merchant_id, "shop", ("read", "write"), real_now(), developer)


def test_decisions_come_in_pages(street: Town) -> None:
    program = Program(key_for(street))
    made: list[str] = []
    for number in range(5):
        asked(street, SCHEDULE)
        made.insert(0, shown_of(street))
        decided(program, made[0], "decline", key=str(number))
    asked(street, SCHEDULE)
    got: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = program.get(f"{RUNS}?state=declined&limit=2&cursor={cursor}").json()
        got += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert got == made
    assert len(program.get(RUNS).json()["items"]) == 6
    assert refused(program.get(f"{RUNS}?state=open")) == (400, "bad_value")


def test_replaced_figures_are_listed_as_such(street: Town) -> None:
    asked(street, SCHEDULE)
    first = shown_of(street)
    street.customer("Sven").subscribes("basic", on="2026-10-01")
    with pytest.raises(ApprovalWaits):
        clear_run(street.merchant_id, RunAsked(DAY, SCHEDULE), street.now)
    program = Program(key_for(street))
    assert program.get(f"{RUNS}/{first}").json()["state"] == "replaced"
    assert refused(decided(program, first, "approve")) == (409, "decided_already")


def test_wrong_ones_are_refused(street: Town) -> None:
    asked(street, SCHEDULE)
    program, own = Program(key_for(street)), shown_of(street)
    for wrong in ("nobody", own_id("merchant", street.merchant_id), f"apr_{'0' * 32}"):
        assert refused(program.get(f"{RUNS}/{wrong}")) == (404, "unknown_approval")
        assert refused(decided(program, wrong, "approve", key=wrong)) == (404, "unknown_approval")
    long = decided(program, own, "approve", "x" * 501)
    assert (refused(long), long.json()["field"]) == ((400, "bad_value"), "note")
    other = Program(key_for(Town.founded()))
    assert refused(decided(other, own, "approve")) == (404, "unknown_approval")
    assert other.get(RUNS).json()["items"] == []
    assert waits(street)


def test_the_office_lists_past_decisions(street: Town) -> None:
    owner, browser = somebody(street, "owner")
    empty = text_of(browser.get("/office/runs/approvals/"))
    assert "No decisions yet" in empty
    assert "what they decide is kept here" in empty
    asked(street, SCHEDULE)
    assert "waits for approval" in text_of(browser.get("/office/runs/approvals/"))
    decided(key_by(street, owner), shown_of(street), "decline", "The new price is wrong")
    asked(street, owner)
    street.customer("Sven").subscribes("basic", on="2026-10-01")
    asked(street, SCHEDULE)
    page = text_of(browser.get("/office/runs/approvals/"))
    for told in ("Declined", "The API key erp", "The new price is wrong", "Asked for again"):
        assert told in page
    assert "asked for by Owner" in page
    assert "€20.00" in page
    assert "/office/runs/approvals/" in text_of(browser.get("/office/runs/"))


def test_the_navigation_counts_a_run_that_waits(street: Town) -> None:
    _, browser = somebody(street, "finance")
    assert "Billing runs 1" not in plain(browser)
    asked(street, SCHEDULE)
    assert "Billing runs 1" in plain(browser)


def plain(browser: Client) -> str:
    """Today's page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(browser.get("/office/"))).split())


def test_the_office_makes_a_key_that_approves_for_who_may_start_runs(street: Town) -> None:
    _, owner = somebody(street, "owner")
    _, developer = somebody(street, "developer")
    wanted = {"name": "erp", "scopes": "read approve"}
    path = "/office/settings/keys/make/"
    assert "approve them" in text_of(owner.get(path))
    assert "approve them" not in text_of(developer.get(path))
    assert "kesto_test_" not in text_of(developer.post(path, wanted))
    assert "kesto_test_" in text_of(owner.post(path, wanted))
    assert "Approve billing runs" in text_of(owner.get("/office/settings/keys/"))


def test_limits_of_nothing_say_that_nobody_is_asked(street: Town) -> None:
    limit(street)
    _, owner = somebody(street, "owner")
    page = text_of(owner.get("/office/runs/approvals/"))
    assert "no limit is set" in page
    assert "Set a limit" in page
    assert "Past decisions" not in text_of(owner.get("/office/runs/"))


def test_a_key_may_no_more_than_who_made_it_may_by_now(street: Town) -> None:
    owner, _ = somebody(street, "owner")
    other, _ = somebody(street, "owner")
    asked(street, SCHEDULE)
    program, own = key_by(street, owner), shown_of(street)
    change_role(street.merchant_id, parsed("staff", owner), "service", real_now(), other)
    assert refused(decided(program, own, "approve")) == (403, "scope_not_yours")
    assert waits(street)
