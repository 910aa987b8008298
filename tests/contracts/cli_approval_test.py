"""`kesto bill` above the merchant's limit: it waits, says how to approve, and is approved."""

from collections.abc import Iterator

import pytest

from kesto.ops import console, database
from tests.contracts.cli_days_test import Seller
from tests.contracts.command_line import CommandLine, opened


@pytest.fixture(scope="module")
def kesto() -> Iterator[CommandLine]:
    with opened() as found:
        yield found


def test_a_run_above_the_limit_waits_for_approve(kesto: CommandLine) -> None:
    seller = Seller(kesto, "careful", "2026-10-15T06:00")
    seller.sells("1,consumer,Aino,S-1,home,2026-10-15,1", "2,consumer,Eino,S-2,home,2026-10-15,1")
    where = database.address(kesto.home)
    with database.as_superuser(kesto.home, where, database.DATABASE) as connection:
        connection.execute("update merchant set run_limit_invoices = 1 where code = 'careful'")
    assert "no run waits" in seller.refused("bill", "--approve")
    first = kesto("bill", *seller.words)
    assert first.status == console.REFUSED
    assert first.out == ""
    told = " ".join(seller.refused("bill").split())  # again: nothing has changed
    assert "kesto bill --approve" in told
    assert "2 invoices" in told
    refused = kesto("bill", "--json", *seller.words)
    assert refused.status == console.REFUSED
    assert refused.json["error"]["code"] == "run_waits"
    assert seller.json("bill", "--dry-run")["invoices"] == 2
    for wrong in (("--through", "2026-10-15"), ("--dry-run",), ("--parked",)):
        assert "leave out the other options" in seller.refused("bill", "--approve", *wrong)
    assert "--note goes with --approve" in seller.refused("bill", "--note", "why")
    made = seller.json("bill", "--approve", "--note", "as last month")
    assert made["invoices"] == 2
    assert "no run waits" in seller.refused("bill", "--approve")
    assert seller.bills()["invoices"] == 0
