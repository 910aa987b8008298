"""Runs above the merchant's limit wait for somebody, whoever began them."""

import re
from datetime import date, timedelta
from typing import cast
from uuid import UUID

import pytest
from django.test import Client
from msgspec import structs

from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound
from kesto.flows import bill
from kesto.flows.change_settings import change_merchant
from kesto.flows.clear_run import SCHEDULE, ApprovalWaits, RunAsked, clear_run
from kesto.flows.decide_run import approve_run, decline_run
from kesto.flows.mailroom import Mailroom
from kesto.flows.start_billing import start_billing
from kesto.jobs import kinds
from kesto.jobs.timetable import BILL
from kesto.store import approvals, jobs, merchants
from kesto.store.approvals import Approval
from kesto.store.ids import new_id
from kesto.store.jobs import ClaimedJob
from kesto.store.session import reading
from tests.contracts.office_visits import facts, landed, member, real_now, text_of
from tests.contracts.workers import work_done
from tests.town import ACTOR, Town

DAY = date(2026, 11, 1)
FINANCE, OWNER = "stf_1", "stf_2"


@pytest.fixture
def street(town: Town) -> Town:
    """Three who are due, in a town that asks before more than two invoices."""
    for name in ("Aino", "Eino", "Liisa"):
        town.customer(name).subscribes("basic", on="2026-10-01")
    town.clock("2026-11-01")
    limit(town, invoices=2)
    return town


def limit(town: Town, invoices: int | None = None, minor: int | None = None) -> None:
    """Set what a run may come to unasked."""
    with reading(town.merchant_id) as session:
        now = merchants.limits(session)
    wanted = structs.replace(now, run_limit_invoices=invoices, run_limit_minor=minor)
    change_merchant(town.merchant_id, "Town", wanted, town.now, ACTOR)


def comes_by_itself(town: Town, payload: dict[str, str] | None = None) -> None:
    """The job that the timetable adds, done by a worker."""
    job = ClaimedJob(
        town.merchant_id, new_id(), BILL, "2026", payload or {"through": DAY.isoformat()}, 1
    )
    kinds.kinds(cast("Mailroom", None))[BILL](job, town.now)


def done_by_worker(town: Town) -> None:
    """Do the billing that people asked for."""
    work_done(town, BILL, real_now() + timedelta(seconds=1))


def the_one(town: Town) -> Approval:
    """The run that waits."""
    with reading(town.merchant_id) as session:
        found = approvals.waiting(session)
    assert found is not None
    return found


def waits(town: Town) -> bool:
    """Whether any run waits."""
    with reading(town.merchant_id) as session:
        return approvals.waiting(session) is not None


def asked(town: Town, actor: str = "somebody", approval_id: UUID | None = None) -> Approval:
    """Somebody begins a run that is above the limit."""
    with pytest.raises(ApprovalWaits) as refused:
        clear_run(town.merchant_id, RunAsked(DAY, actor, approval_id), town.now)
    return refused.value.approval


def approve(town: Town, own: UUID, actor: str = "other", note: str = "") -> None:
    """Approve a run; a worker begins it."""
    approve_run(town.merchant_id, own, note, town.now, actor, due_at=real_now())


def actions(town: Town) -> list[tuple[str, str]]:
    """What the audit log says of runs that wait."""
    with reading(town.merchant_id) as session:
        return [
            (action, actor)
            for action, actor in session.rows(
                "select action, actor from audit where merchant_id = %s and action = any(%s)"
                " order by seq",
                *(session.merchant_id, ["ask_approval", "approve_run", "decline_run"]),
            )
        ]


def test_without_a_limit_nobody_is_asked(street: Town) -> None:
    limit(street)
    comes_by_itself(street)
    assert len(street.invoices()) == 3
    assert not waits(street)
    assert actions(street) == []


@pytest.mark.parametrize(("invoices", "minor"), [(3, None), (None, 3000), (3, 3000)])
def test_a_run_up_to_the_limit_begins(
    street: Town, invoices: int | None, minor: int | None
) -> None:
    limit(street, invoices, minor)
    comes_by_itself(street)
    assert len(street.invoices()) == 3


@pytest.mark.parametrize(("invoices", "minor"), [(2, None), (None, 2999), (0, 0), (3, 2999)])
def test_a_run_above_the_limit_waits_and_bills_nothing(
    street: Town, invoices: int | None, minor: int | None
) -> None:
    limit(street, invoices, minor)
    comes_by_itself(street)
    found = the_one(street)
    assert (found.through, found.asked_by, found.state) == (DAY, SCHEDULE, "waiting")
    assert (found.invoices, found.total_minor, found.before_minor) == (3, 3000, 0)
    assert street.invoices() == []
    with reading(street.merchant_id) as session:
        assert session.row("select from billing_run limit 1") is None
    assert actions(street) == [("ask_approval", SCHEDULE)]


def test_what_the_schedule_asks_for_begins_when_approved(street: Town) -> None:
    comes_by_itself(street)
    own = the_one(street).id
    approve(street, own, note="  seen \n and good ")
    assert street.invoices() == []
    done_by_worker(street)
    assert len(street.invoices()) == 3
    assert not waits(street)
    assert actions(street) == [("ask_approval", SCHEDULE), ("approve_run", "other")]
    with reading(street.merchant_id) as session:
        found = approvals.approval(session, own)
    assert found is not None
    assert (found.state, found.decided_by, found.note) == ("approved", "other", "seen and good")


def test_approved_twice_it_begins_once(street: Town) -> None:
    comes_by_itself(street)
    own = the_one(street).id
    approve(street, own)
    with pytest.raises(Conflict) as again:
        approve(street, own, "third")
    assert again.value.code == "decided_already"
    with pytest.raises(Conflict):
        decline_run(street.merchant_id, own, "", street.now, "third")
    done_by_worker(street)
    done_by_worker(street)
    assert len(street.invoices()) == 3


def test_a_declined_run_is_approved_only_when_asked_for_again(street: Town) -> None:
    comes_by_itself(street)
    own = the_one(street).id
    decline_run(street.merchant_id, own, "prices are wrong", street.now, "other")
    assert not waits(street)
    with pytest.raises(Conflict) as late:
        approve(street, own)
    assert late.value.code == "decided_already"
    done_by_worker(street)
    assert street.invoices() == []
    comes_by_itself(street)
    again = the_one(street)
    assert again.id != own
    assert again.earlier_id is None
    approve(street, again.id)
    done_by_worker(street)
    assert len(street.invoices()) == 3


def test_an_approval_that_was_declined_lets_no_run_begin(street: Town) -> None:
    own = asked(street).id
    decline_run(street.merchant_id, own, "", street.now, "other")
    assert asked(street, approval_id=own).earlier_id is None
    assert asked(street, approval_id=new_id()).earlier_id is None


def test_what_has_changed_since_is_asked_again(street: Town) -> None:
    comes_by_itself(street)
    first = the_one(street)
    approve(street, first.id)
    street.customer("Sven").subscribes("basic", on="2026-10-01")
    done_by_worker(street)
    assert street.invoices() == []
    again = the_one(street)
    assert (again.earlier_id, again.invoices, again.asked_by) == (first.id, 4, SCHEDULE)
    approve(street, again.id)
    done_by_worker(street)
    assert len(street.invoices()) == 4


def test_one_waits_at_a_time_and_its_figures_are_of_the_last_time(street: Town) -> None:
    first = asked(street, FINANCE)
    assert asked(street, "somebody else") == first, "nothing has changed"
    street.customer("Sven").subscribes("basic", on="2026-10-01")
    second = asked(street, SCHEDULE)
    assert (second.invoices, second.asked_by) == (4, FINANCE), "it is still who asked first"
    assert the_one(street) == second
    with pytest.raises(Conflict) as old:
        approve(street, first.id)
    assert old.value.code == "decided_already"
    with pytest.raises(Conflict) as twice:
        start_billing(street.merchant_id, DAY, street.now, OWNER, due_at=real_now())
    assert twice.value.code == "run_waits"


def test_a_run_that_was_cut_off_is_finished_unasked(street: Town) -> None:
    bill.begin(street.merchant_id, DAY, street.now)
    comes_by_itself(street)
    assert len(street.invoices()) == 3


def test_unknown_ones_and_long_notes_are_refused(street: Town) -> None:
    with pytest.raises(NotFound) as nobody:
        approve(street, new_id())
    assert nobody.value.code == "unknown_approval"
    own = asked(street).id
    with pytest.raises(Invalid) as long:
        approve(street, own, note="x" * 501)
    assert (long.value.code, long.value.field) == ("long_note", "note")
    assert waits(street)
    assert not jobs_wait(street)


def jobs_wait(town: Town) -> bool:
    """Whether a run is about to begin."""
    with reading(town.merchant_id) as session:
        return jobs.is_waiting(session, BILL)


def test_another_merchants_run_is_out_of_reach(street: Town) -> None:
    own = asked(street).id
    other = Town.founded()
    with pytest.raises(NotFound):
        approve(other, own)


def test_limits_that_make_no_sense_are_refused(street: Town) -> None:
    with pytest.raises(Invalid) as refused:
        limit(street, invoices=-1)
    assert (refused.value.code, refused.value.field) == ("bad_run_limit", "run_limit_invoices")
    with pytest.raises(Invalid) as refused:
        limit(street, minor=10**12 + 1)
    assert refused.value.field == "run_limit_minor"


def starts(client: Client) -> str:
    """Somebody starts billing in the office; the page that comes of it."""
    return landed(client, client.post("/office/runs/start/", {"through": DAY.isoformat()}))


def decides(client: Client, path: str, decision: str, note: str = "") -> str:
    """Somebody decides on the page of the run."""
    wanted = {"decision": decision, "note": note}
    return landed(client, client.post(f"{path}decide/", wanted))


def place(page: str) -> str:
    """The address of the run that waits."""
    found = re.search(r"/office/runs/approval/[0-9a-f-]{36}/", page)
    assert found is not None
    return found[0]


def test_four_eyes_in_the_office(street: Town) -> None:
    finance, owner, developer = (member(street, one) for one in ("finance", "owner", "developer"))
    assert "is about to begin" in starts(finance)
    done_by_worker(street)
    page = text_of(finance.get("/office/runs/"))
    assert "waits for approval" in page
    assert "It would make 3 invoices, €30.00" in page
    assert "Decide on it first" in starts(owner)
    path = place(page)
    assert "A billing run waits for approval" in text_of(owner.get("/office/"))
    own = text_of(finance.get(path))
    assert "somebody else approves it" in own
    assert "Approve and bill" not in own
    assert "somebody else" in decides(finance, path, "approve").lower()
    assert waits(street), "who asked does not approve"
    assert "Finance or an owner decides" in text_of(developer.get(path))
    assert developer.post(f"{path}decide/", {"decision": "approve"}).status_code == 403
    shown = text_of(owner.get(path))
    assert facts(shown)["Asked for by"] == "Finance"
    assert "the limit is 2" in shown
    assert "begins" in decides(owner, path, "approve", "as last month")
    assert "decided on this run already" in decides(owner, path, "approve")
    done_by_worker(street)
    assert len(street.invoices()) == 3
    told = facts(text_of(finance.get(path)))
    assert (told["Approved by"], told["Note"]) == ("Owner", "as last month")


def test_who_is_alone_approves_alone(street: Town) -> None:
    finance = member(street, "finance")
    member(street, "service")
    starts(finance)
    done_by_worker(street)
    path = place(text_of(finance.get("/office/runs/")))
    assert "begins" in decides(finance, path, "approve")
    done_by_worker(street)
    assert len(street.invoices()) == 3


def test_who_asked_may_call_it_off(street: Town) -> None:
    finance, _ = member(street, "finance"), member(street, "owner")
    starts(finance)
    done_by_worker(street)
    path = place(text_of(finance.get("/office/runs/")))
    assert "is declined" in decides(finance, path, "decline", "a mistake")
    assert facts(text_of(finance.get(path)))["Declined by"] == "Finance"
    assert "is about to begin" in starts(finance)
    assert street.invoices() == []


def test_the_command_line_is_somebody_too(street: Town) -> None:
    own = asked(street, "command line").id
    approve_alone = (street.merchant_id, own, "", street.now, "command line")
    member(street, "owner")
    with pytest.raises(NotAllowed) as refused:
        approve_run(*approve_alone, due_at=None)
    assert refused.value.code == "four_eyes"


def test_the_page_says_what_changed_since(street: Town) -> None:
    owner = member(street, "owner")
    comes_by_itself(street)
    path = place(text_of(owner.get("/office/runs/")))
    decides(owner, path, "approve")
    street.customer("Sven").subscribes("basic", on="2026-10-01")
    done_by_worker(street)
    page = text_of(owner.get(place(text_of(owner.get("/office/runs/")))))
    assert "It has changed since it was approved" in page
    assert "Owner approved 3 invoices, €30.00" in page
    assert facts(page)["Asked for by"] == "The billing schedule"


def test_the_limit_is_set_in_settings(street: Town) -> None:
    owner = member(street, "owner")
    limit(street)
    assert facts(text_of(owner.get("/office/settings/")))["Runs are approved first"] == "never"
    form = {
        "name": "Town",
        "invoice_limit_minor": "1000",
        "service_credit_minor": "20",
        "portal_link_days": "60",
        "grace_days": "0",
        "notice_days": "30",
        "billing_hour": "0",
    }
    wanted = {**form, "run_limit_invoices": "2", "run_limit_minor": "25,50"}
    page = landed(owner, owner.post("/office/settings/merchant/", wanted))
    told = facts(page)
    assert told["Ask before a run of more than"] == "2 invoices"
    assert told["Ask before a run above"] == "€25.50"
    bad = text_of(owner.post("/office/settings/merchant/", {**form, "run_limit_minor": "-1"}))
    assert "leave it empty: no limit" in bad
    landed(owner, owner.post("/office/settings/merchant/", form))
    comes_by_itself(street)
    assert len(street.invoices()) == 3
