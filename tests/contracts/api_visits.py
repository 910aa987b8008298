"""A merchant's own system for the tests: it has a key and asks as programs do."""

import json
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from kesto.core.api_keys import SCOPES
from kesto.flows.make_key import make_key
from tests.town import ACTOR, Town

CALCULATE = "/v1/calculate"
MERCHANT = "/v1/merchant"
PROBLEM = "application/problem+json"


def key_for(town: Town, *scopes: str) -> str:
    """A new key of a town's."""
    wanted = scopes or SCOPES
    return make_key(town.merchant_id, "shop", wanted, datetime.now(UTC), ACTOR).key


class Program:
    """A program with a key, or without."""

    def __init__(self, key: str = "") -> None:
        authorization = {"authorization": f"Bearer {key}"} if key else {}
        self.client = Client(
            enforce_csrf_checks=True,
            raise_request_exception=False,
            headers={"host": "localhost", **authorization},
        )

    def get(self, path: str, **headers: str) -> Any:
        """Read something."""
        return seen(self.client.get(path, headers=named(headers)))

    def post(self, path: str, body: object, **headers: str) -> Any:
        """Send JSON, or bytes as they are."""
        given = {"content_type": "application/json", "headers": named(headers)}
        return seen(self.client.post(path, body, **given))  # type: ignore[arg-type]  # the client's own words

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Send JSON, or bytes as they are, by any method."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        given: dict[str, Any] = {"content_type": "application/json", "headers": named(headers)}
        return seen(self.client.generic(method, path, data, **given))


def named(headers: dict[str, str]) -> dict[str, str]:
    """Headers as they are called outside."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def seen(answer: Any) -> Any:
    """An answer, after a look at what every answer has."""
    assert answer["Kesto-Request-Id"].startswith("req_")
    assert answer["Kesto-Version"] == "2026-11-26"
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    if answer.status_code >= 400 and answer.request["REQUEST_METHOD"] != "HEAD":
        problem_of(answer)
    return answer


def problem_of(answer: Any) -> Any:
    """The problem that an answer tells."""
    assert answer["Content-Type"] == PROBLEM, answer.content
    problem = answer.json()
    assert problem["status"] == answer.status_code
    if "Idempotency-Replayed" not in answer:
        assert problem["request_id"] == answer["Kesto-Request-Id"]
    assert problem.keys() - {"field"} == {
        *("type", "title", "status", "code", "detail", "request_id")
    }
    assert problem["code"]
    return problem


def refused(answer: Any) -> tuple[int, str]:
    """How a request was refused."""
    return answer.status_code, problem_of(answer)["code"]


MORE = {
    "meters": {"code": "calls", "name": {"en": "Calls"}, "aggregation": "count"},
    "features": {"code": "support", "name": {"en": "Support"}},
    "coupons": {"code": "welcome", "name": {"en": "Welcome"}, "percent": "10"},
    "price_series": {"code": "spot-fi", "name": "Spot", "resolution": "hour"},
}


def sells_more(program: Program) -> None:
    """Publish a meter, a feature and a coupon besides what every town sells."""
    for noun, body in MORE.items():
        answer = program.send("POST", f"/v1/{noun}", body, Idempotency_Key=f"more-{noun}")
        assert answer.status_code == 201, answer.content
