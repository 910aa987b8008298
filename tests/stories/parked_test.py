"""What must not go out by itself is set aside alone, and a person puts it back to work."""

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest

from kesto.core.refusals import NotFound
from kesto.flows import bill
from kesto.flows.release import release
from kesto.store import billing
from kesto.store.ids import new_id
from kesto.store.session import owning, reading
from tests.stories.seen import books, lines, parked, text
from tests.town import ACTOR, Town, day


def set_limit(town: Town, limit_minor: int) -> None:
    with owning() as connection:
        connection.execute("select set_config('app.merchant', %s, true)", [str(town.merchant_id)])
        connection.execute("update merchant set invoice_limit_minor = %s", [limit_minor])


def group_of(town: Town, name: str) -> UUID:
    with reading(town.merchant_id) as session:
        return next(own for own, payer, *_ in billing.parked_groups(session) if payer == name)


def test_an_invoice_over_the_limit_waits_for_a_person(town: Town) -> None:
    set_limit(town, 2000)
    aino = town.customer("Aino")
    town.customer("Eino").subscribes("basic", on="2026-10-01")
    aino.subscribes("plus", on="2026-11-01")
    (others,) = town.bill(on="2026-11-01")
    assert others.invoice.total_minor == 1000
    assert parked(town) == {
        "aino": "4490 minor units of EUR are more than the merchant's limit of 2000"
    }
    assert town.bill(on="2026-11-02") == []

    release(town.merchant_id, group_of(town, "aino"), town.now, accepts_bounds=False, actor=ACTOR)
    assert town.bill(on="2026-11-03") == []
    group = group_of(town, "aino")
    release(town.merchant_id, group, town.now, accepts_bounds=True, actor=ACTOR)
    (invoice,) = town.bill(on="2026-11-04")
    assert invoice.invoice.total_minor == 4490
    assert "To pay €44.90" in text(town, invoice)
    with pytest.raises(NotFound):
        release(town.merchant_id, group, town.now, accepts_bounds=True, actor=ACTOR)


def test_a_persons_word_holds_for_one_invoice(town: Town) -> None:
    set_limit(town, 2000)
    town.customer("Aino").subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    release(town.merchant_id, group_of(town, "aino"), town.now, accepts_bounds=True, actor=ACTOR)
    assert len(town.bill(on="2026-10-02")) == 1
    assert town.bill(on="2026-11-01") == []
    assert list(parked(town)) == ["aino"]


def test_years_in_one_go_wait_for_a_person(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2024-10-01")
    assert town.bill(on="2026-11-01") == []
    assert parked(town)["aino"].startswith("25 periods of one price would be billed at once")


def test_nobody_can_release_what_is_not_parked(town: Town) -> None:
    with pytest.raises(NotFound) as refused:
        release(town.merchant_id, new_id(), town.now, accepts_bounds=False, actor=ACTOR)
    assert refused.value.field == "group"


BREAKS = {
    "a currency that does not exist": "currency = 'XXX'",
    "a model that does not exist": """spec = '{"model": "barter"}'""",
    "a period without length": "interval_count = 0",
}


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("place", range(5))
def test_a_group_that_cannot_be_billed_is_parked_alone(
    town: Town, superuser: psycopg.Connection, broken: str, place: int
) -> None:
    names = ["Aino", "Eino", "Helmi", "Onni", "Toivo"]
    for number, name in enumerate(names):
        town.customer(name).subscribes("seats" if number == place else "basic", on="2026-10-01")
    repair = break_seats(town, superuser, broken)
    assert len(town.bill(on="2026-11-01")) == 4
    ((payer, reason),) = parked(town).items()
    assert payer == names[place].lower()
    assert reason.startswith("billing failed: Invalid: ")

    repair()
    group = group_of(town, payer)
    release(town.merchant_id, group, town.now, accepts_bounds=False, actor=ACTOR)
    (invoice,) = town.bill(on="2026-11-02")
    assert invoice.number == "2026-000005"
    assert "To pay €5.00" in text(town, invoice)
    assert books(town)["receivable"] == 4500


def test_a_worker_that_dies_while_it_looks_for_the_fault_leaves_the_rest_to_the_next(
    town: Town, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.customer("Aino").subscribes("seats", on="2026-10-01")
    town.customer("Eino").subscribes("basic", on="2026-10-01")
    town.customer("Helmi").subscribes("basic", on="2026-10-01")
    break_seats(town, superuser, "currency = 'XXX'")
    town.clock("2026-11-01")
    run = bill.begin(town.merchant_id, day("2026-11-01"), town.now)
    lock = billing.lock_accounts
    calls = iter(range(9))

    def dies_at_the_third(*given: object) -> object:
        # The whole chunk, then Aino alone, then the other half: there the connection breaks.
        if next(calls) == 2:
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return lock(*given)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(billing, "lock_accounts", dies_at_the_third)
    with pytest.raises(psycopg.OperationalError):
        bill.work(run, town.now)
    again = bill.begin(town.merchant_id, day("2026-11-01"), town.now)
    assert (again.id, again.is_resumed) == (run.id, True)
    assert bill.work(again, town.now) == 2
    assert list(parked(town)) == ["aino"]
    assert [lines(one) for one in town.invoices()] == 2 * [[("2026-10-01", "2026-11-01", 1000)]]


def test_a_parked_group_does_not_hold_up_the_others(
    town: Town, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, plan in (("Aino", "basic"), ("Eino", "seats"), ("Helmi", "basic")):
        town.customer(name).subscribes(plan, on="2026-10-01")
    break_seats(town, superuser, "currency = 'XXX', interval_count = 0")
    town.bill(on="2026-11-01")
    assert list(parked(town)) == ["eino"]
    monkeypatch.setattr(bill, "_bisect", None)
    assert len(town.bill(on="2026-12-01")) == 2


def break_seats(town: Town, superuser: psycopg.Connection, change: str) -> Callable[[], object]:
    """Change the price of the plan seats past every rule; answers how to put it right again."""
    of_seats = (
        " from plan_version v join plan p on p.merchant_id = v.merchant_id and p.id = v.plan_id"
        " where price.merchant_id = %s and price.plan_version_id = v.id and p.code = 'seats'"
    )
    row = superuser.execute(
        "select price.currency, price.spec::text, price.interval_count from price, plan_version v"
        " join plan p on p.merchant_id = v.merchant_id and p.id = v.plan_id"
        " where price.merchant_id = %s and price.plan_version_id = v.id and p.code = 'seats'",
        [town.merchant_id],
    ).fetchone()
    assert row is not None
    query = f"update price set {change}{of_seats}"  # noqa: S608 - the words of this test
    superuser.execute(query.encode(), [town.merchant_id])
    return lambda: superuser.execute(
        f"update price set currency = %s, spec = %s::jsonb, interval_count = %s{of_seats}".encode(),  # noqa: S608 - the words of this test
        [*row, town.merchant_id],
    )
