"""What a read of the API asks the database: counted on the wire, so that no query creeps in."""

from kesto.bench.statements import statements
from tests.contracts.api_visits import Program, key_for
from tests.town import Town

READS = {
    "/v1/customers/aino": 2,  # whose rows are read, the customer: whose key it is, is remembered
    "/v1/customers/aino?expand=subscriptions": 2,  # all of it in one
    "/v1/customers": 2,
    "/v1/merchant": 3,
    "/v1/subscriptions?customer=aino": 3,
}


def test_reads_ask_the_database_no_more_than_they_need(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    program = Program(key_for(town, "read"))
    found = {}
    for path in READS:
        assert program.get(path).status_code == 200  # the connection is open, the key's use noted
        found[path] = statements(lambda path=path: program.get(path))  # type: ignore[misc]  # a lambda
    assert found == READS
