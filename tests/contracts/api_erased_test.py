"""Answers kept under idempotency keys are erased with the customer that they are about."""

from typing import Any

from kesto.core.ids import parsed
from kesto.flows.erase_answers import erase_answers
from kesto.store.session import reading
from tests.contracts.api_visits import Program, key_for, refused
from tests.town import ACTOR, Town

AINO = {"external_id": "a1", "kind": "consumer", "name": "Aino Virtanen", "phone": "+358401234567"}
TIMO = {"external_id": "t1", "kind": "consumer", "name": "Timo Laine"}
ORDER = {"external_id": "s1", "plan": "plus", "start_on": "2026-10-01"}
CREDIT = {"amount": "5.00", "reason": "sorry, Aino"}
ASKS: tuple[tuple[str, str, object], ...] = (
    ("customers", "k1", AINO),
    ("subscriptions", "k2", {**ORDER, "holder": "a1"}),
    ("subscriptions/s1/quotes", "k3", {"action": "add_add_on", "add_on": "safety"}),
    ("credit_grants", "k4", {**CREDIT, "customer": "a1"}),
    ("subscriptions/s1/changes", "k5", {"action": "pause"}),
)


def sent(program: Program, path: str, key: str, body: object) -> Any:
    return program.send("POST", f"/v1/{path}", body, Idempotency_Key=key)


def kept(town: Town) -> str:
    with reading(town.merchant_id) as session:
        rows = session.rows("select headers::text, convert_from(body, 'UTF8') from idempotency")
    return str(rows)


def test_nothing_of_an_erased_customer_is_kept_and_nothing_is_done_twice(town: Town) -> None:
    program = Program(key_for(town))
    answers = [sent(program, *one) for one in ASKS]
    assert [answer.status_code for answer in answers] == [201] * 5
    timo = sent(program, "customers", "k6", TIMO)
    lost = sent(program, "credit_grants", "k7", {**CREDIT, "customer": "Aino Virtanen"})
    assert refused(lost) == (404, "unknown_customer")
    ids = [answers[0].json()["id"], answers[1].json()["id"], "Aino", "+358401234567"]
    assert all(text in kept(town) for text in ids)

    own = parsed("customer", answers[0].json()["id"])
    assert erase_answers(town.merchant_id, own, town.now, ACTOR) == 6
    assert not any(text in kept(town) for text in ids)
    for one in ASKS:
        assert refused(sent(program, *one)) == (409, "answer_erased")
    assert program.get("/v1/customers/a1").json()["credit"] == [{"currency": "EUR", "left": "5.00"}]
    # Those of others are kept, and a refusal is simply told again.
    again = sent(program, "customers", "k6", TIMO)
    assert (again.content, again["Idempotency-Replayed"]) == (timo.content, "true")
    lost = sent(program, "credit_grants", "k7", {**CREDIT, "customer": "Aino Virtanen"})
    assert (refused(lost), "Idempotency-Replayed" in lost) == ((404, "unknown_customer"), False)
