"""Every route of the API under hostile requests, and under the eyes of another merchant.

What is sent is made from the API's own description, so a new route is tried without a new test.
"""

import itertools
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from kesto.api.values import own_id
from kesto.core.changes import AddAddOn
from kesto.flows.clear_run import SCHEDULE
from kesto.flows.quote_change import quote_change
from kesto.store import approvals
from kesto.store.approvals import Approval
from kesto.store.ids import new_id
from kesto.store.session import writing
from tests import boxes
from tests.contracts.api_visits import Program, key_for, problem_of, sells_more
from tests.town import Town

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "x")
NAMES = (
    *("", " ", ".", "..", "%", "'", '"', "\\", "null", "0", "-1", "a" * 5000, "\x00", "a\x00b"),
    *("\ud7ff", "\N{SNOWMAN}", "\u202e", "\r\nX: y", "' or 1=1 --", "${7*7}", "cus_", "inv_zz"),
    *(
        f"cus_{'0' * 32}",
        f"cus_{'f' * 32}",
        f"{{{'0' * 32}}}",
        "2026-000001",
        "C2026-",
        "-",
        "2026-",
    ),
    *(
        "9" * 400,
        f"2026-{'9' * 18}",
        f"2026-{'9' * 19}",
        "2026-٣",
        "%00",
        "%ff",
        "%c3%28",
        "%ed%a0%80",
    ),
)
TEXTS: tuple[str, ...] = (
    *NAMES,
    "1e999",
    "NaN",
    "Infinity",
    "-0",
    "0x10",
    "1_000",
    "9999-12-31T23:59:59-23:59",
)
TEXTS += ("0001-01-01", "9999-12-31", "2026-02-30", "2026-13-01", "1999", "true", "[]", "AAAA", "=")
VALUES: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 10**400, 1.5, -0.0, 1e308, [], {}, [[]]),
    *([None], {"a": 1}, [1] * 1000, "", " ", "\x00", "a\x00b", "a" * 100_000, "\ud7ff", "\u202e"),
    *("1e999999", "NaN", "-1", "0", "9" * 5000, "2026-02-30", "0001-01-01", "9999-12-31", "aino"),
)
DEEP = 100_000
BODIES = (
    *(b"", b" ", b"{", b"[1,]", b"[NaN]", b"NaN", b"\x00", b"\xff\xfe", b'{"a": Infinity}'),
    *(b'{"\xc3\x28": 1}', b'{"a": "\\ud800"}', b"[" * DEEP, b"[" * DEEP + b"]" * DEEP),
    *(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b'{"a": 1, "a": 2}', b"null", b"[]", b"17"),
    *(b'"text"', b"{}", b'{"a": ' + b"9" * 5000 + b"}", b'["' + b"a" * 3_000_000 + b'"]'),
    *(b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"a=1&b=2", b"<xml/>", b'{"__proto__": {}}'),
)
CURSORS = ("", "A", "=", "A" * 22, "/" * 22, "_" * 22, "AAAA", "A" * 100, "A" * 101, "\x00", "💥")


class Route(NamedTuple):
    """An address of the description with one of its methods."""

    path: str
    method: str
    described: dict[str, Any]

    def parameters(self, where: str) -> list[str]:
        """The names of its parameters in the path, the query or the headers."""
        known = self.described.get("parameters", [])
        return [one["name"] for one in known if one["in"] == where]


class Ground:
    """A town with rows, a program of its own, and the API's description."""

    def __init__(self) -> None:
        self.town = Town.founded()
        aino = self.town.customer("Aino")
        self.subscription = aino.subscribes("basic", on="2026-10-01", add_ons=["magazine"])
        self.invoices = self.town.bill(on="2026-11-01")
        self.town.pays(self.invoices[0])
        self.town.credits(self.invoices[0])
        asked = AddAddOn("safety")
        made = quote_change(self.town.merchant_id, self.subscription.hex, asked, self.town.now)
        self.quote = own_id("quote", made.quote.id)
        self.town.customer("Veikko").subscribes("plus", on="2026-11-01")
        self.key = key_for(self.town)
        self.program = Program(self.key)
        boxes.opened(self.town)
        self.box = aino.subscribes("box", on="2026-11-01")
        self.draft = self.program.get("/v1/drafts").json()["items"][0]["id"]
        sells_more(self.program)
        self.grant = self.program.get("/v1/credit_grants").json()["items"][0]["id"]
        lost = {
            "id": "lost",
            "customer": "nobody",
            "meter": "calls",
            "time": "2026-11-01T00:00:00Z",
        }
        self.program.send("POST", "/v1/events", lost)
        self.rejected = self.program.get("/v1/rejected_events").json()["items"][0]["id"]
        self.waiting = self.a_run_that_waits()
        self.described = self.program.get("/v1/openapi.json").json()
        self.keys = itertools.count()

    def a_run_that_waits(self) -> str:
        """A billing run above the limit."""
        own = new_id()
        with writing(self.town.merchant_id) as session:
            figures = (3, 3000, 2900, 0, 0)
            place = (own, self.town.now.date(), SCHEDULE, self.town.now)
            approvals.add(session, Approval(*place, *figures))
        return own_id("run_approval", own)

    def routes(self) -> list[Route]:
        return [
            Route(path, method.upper(), described)
            for path, methods in self.described["paths"].items()
            for method, described in methods.items()
        ]

    def shapes(self, route: Route) -> list[dict[str, Any]]:
        """What a route's body may be: the fields of each shape by name, from its description."""
        body = route.described.get("requestBody")
        if body is None:
            return []
        found = self.resolved(body["content"]["application/json"]["schema"])
        return [self.resolved(one).get("properties", {}) for one in found.get("oneOf", [found])]

    def needed(self, route: Route) -> str:
        """What a query can't be without, ready for more."""
        named = {"customer": "aino", "feature": "support", "subscription": self.subscription.hex}
        known = [one for one in route.described.get("parameters", []) if one["in"] == "query"]
        return "".join(f"{one['name']}={named[one['name']]}&" for one in known if one["required"])

    def body(self, route: Route) -> bytes:
        """A body that a route can read, where it has none of its own: nothing."""
        if any("action" in fields for fields in self.shapes(route)):
            return b'{"action": "change_quantity", "quantity": "3"}'
        if any("from_version" in fields for fields in self.shapes(route)):
            return b'{"from_version": 1, "to_version": 1, "on": "2027-01-01"}'
        if any("values" in fields for fields in self.shapes(route)):
            return b'{"values": [{"starts_at": "2026-11-05T00:00Z", "amount": "1"}]}'
        if any("tracking" in fields for fields in self.shapes(route)):
            return b'{"state": "sent"}'
        if any("threshold" in fields for fields in self.shapes(route)):
            return b'{"meter": "calls", "kind": "quantity", "threshold": "5"}'
        return b"{}"

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A shape that may stand elsewhere in the description."""
        name = schema.get("$ref", "").rpartition("/")[2]
        found: dict[str, Any] = self.described["components"]["schemas"].get(name, schema)
        return found

    def ids(self) -> dict[str, str]:
        """What stands in a path by the name of its parameter: something that is there."""
        payment = self.program.get("/v1/payments").json()["items"][0]["id"]
        return {
            "customer": "aino",
            "product": "line",
            "plan": "basic",
            "add_on": "magazine",
            "subscription": self.box.hex,
            "on": "2026-11-05",
            "invoice": "2026-000001",
            "credit_note": "C2026-000001",
            "credit_grant": self.grant,
            "payment": payment,
            "quote": self.quote,
            "draft": self.draft,
            "coupon": "welcome",
            "feature": "support",
            "meter": "calls",
            "price_series": "spot-fi",
            "line": "1",
            "rejected_event": self.rejected,
            "run_approval": self.waiting,
        }

    def filled(self, path: str, **given: str) -> str:
        """A path with what is there, or what is given, in the place of its parameters."""
        for name, text in (self.ids() | given).items():
            path = path.replace(f"{{{name}}}", quote(text, safe=""))
        assert "{" not in path, f"give {path} an example in `ids`"
        return path

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Send with a fresh idempotency key, and look at what every answer must be."""
        headers = {"Idempotency_Key": f"k{next(self.keys)}", **headers}
        answer = self.program.send(method, path, body, **headers)
        assert answer.status_code < 500, (method, path, body)
        if answer.status_code >= 400 and method != "HEAD":
            assert problem_of(answer)["code"].replace("_", "").isalnum()
        return answer


@pytest.fixture(scope="module")
def ground(booted: object) -> Ground:
    assert booted
    return Ground()


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch: Any) -> None:
    monkeypatch.setattr("kesto.api.limits.BURST", 10**9)


def test_every_route_wants_a_key(ground: Ground) -> None:
    for route in ground.routes():
        answer = Program().send(route.method, ground.filled(route.path))
        assert answer.status_code == 401, route


def test_no_method_is_trouble(ground: Ground) -> None:
    for route in ground.routes():
        known = {one.method for one in ground.routes() if one.path == route.path}
        for method in set(METHODS) - known:
            answer = ground.send(method, ground.filled(route.path), b"{}")
            assert answer.status_code == 405, (method, route.path)
            assert {*answer["Allow"].split(", ")} == known


def test_no_name_in_a_path_is_trouble(ground: Ground) -> None:
    for route in ground.routes():
        for name in route.parameters("path"):
            for text in NAMES:
                path = ground.filled(route.path, **{name: text}) if text else route.path
                answer = ground.send(route.method, path.replace("{", "").replace("}", ""), b"{}")
                assert answer.status_code in {200, 400, 404}, (route, text)


def test_no_query_is_trouble(ground: Ground) -> None:
    for route in ground.routes():
        path = ground.filled(route.path)
        for name in route.parameters("query"):
            for text in (*TEXTS, *(CURSORS if name == "cursor" else ())):
                ground.send(route.method, f"{path}?{quote(name)}={quote(text)}", b"{}")
            ground.send(route.method, f"{path}?{name}=1&{name}=2&{name}[]=3", b"{}")
        for query in (
            "%",
            "&&&",
            "=",
            "a=%ff",
            "%00=%00",
            "a" * 8000,
            "&".join("a=1" for _ in range(2000)),
        ):
            ground.send(route.method, f"{path}?{query}", b"{}")


def test_unknown_questions_are_refused_by_name(ground: Ground) -> None:
    for route in ground.routes():
        if route.parameters("query"):
            path = f"{ground.filled(route.path)}?{ground.needed(route)}nonsense=1"
            answer = ground.send(route.method, path)
            problem = problem_of(answer)
            assert (problem["code"], problem["field"]) == ("unknown_parameter", "nonsense")
        if "expand" in route.parameters("query"):
            answer = ground.send(route.method, f"{ground.filled(route.path)}?expand=nonsense")
            assert problem_of(answer)["code"] == "unknown_expansion"
        if "cursor" in route.parameters("query"):
            answer = ground.send(
                route.method, f"{ground.filled(route.path)}?{ground.needed(route)}cursor=nonsense"
            )
            assert problem_of(answer)["code"] == "bad_cursor"
            for limit in ("0", "101", "-1", "x", "1.5", ""):
                answer = ground.send(
                    route.method, f"{ground.filled(route.path)}?{ground.needed(route)}limit={limit}"
                )
                assert problem_of(answer)["field"] == "limit"


def test_no_body_is_trouble(ground: Ground) -> None:
    for route in ground.routes():
        path = ground.filled(route.path)
        for body in BODIES:
            ground.send(route.method, path, body)
        for kind in (
            "text/plain",
            "multipart/form-data; boundary=x",
            "",
            "application/x-www-form-urlencoded",
        ):
            ground.send(route.method, path, b"{}", Content_Type=kind)
        for length in ("0", "-1", "x", "99999999999999999999", "1, 2"):
            ground.send(route.method, path, b"{}", Content_Length=length)


def test_no_field_of_a_body_is_trouble(ground: Ground) -> None:
    for route in ground.routes():
        path = ground.filled(route.path)
        for fields in ground.shapes(route):
            for body in bodies(fields):
                ground.send(route.method, path, body)


def bodies(fields: dict[str, Any]) -> Iterator[bytes]:
    """Every value in the place of every field, beside fields that are right."""
    right = {
        "external_id": "x",
        "kind": "consumer",
        "name": "X",
        "holder": "aino",
        "plan": "basic",
        "start_on": "2026-10-01",
        "unit_amount": "1",
        "quantity": "2",
        "add_on": "safety",
        "product": "line",
        "payer": "aino",
        "zone": "Europe/Helsinki",
        "coupon": "welcome",
        "event": 1,
        "prices_include_tax": True,
        "aggregation": "count",
        "percent": "5",
        "resolution": "hour",
        "threshold": "5",
    }
    base = {name: right[name] for name in fields if name in right}
    if "action" in fields:
        base["action"] = fields["action"]["enum"][0]
    for name in (*fields, "nonsense", "__class__", "") if fields else ():
        for value in VALUES:
            yield json.dumps({**base, name: value}).encode()
        yield json.dumps(base).encode()[:-1] + f', "{name}": 1, "{name}": "x"}}'.encode()


def test_no_idempotency_key_is_trouble(ground: Ground) -> None:
    for route in ground.routes():
        for key in ("", " ", '"', '""', '"a', "a" * 256, "\u00e9", "a b", '"\\x"', "\t", "a\x7f"):
            ground.send(route.method, ground.filled(route.path), b"{}", Idempotency_Key=key)


def test_no_merchant_sees_anothers_rows(ground: Ground) -> None:
    other, keys = Program(key_for(Town.founded())), map(str, itertools.count())
    texts = [ground.town.merchant_id.hex, "Aino", "aino"]
    for route in ground.routes():
        path = ground.filled(route.path)
        body = ground.body(route)
        own = ground.send(route.method, path, body)
        answer = other.send(route.method, path, body, Idempotency_Key=next(keys))
        if route.path in {"/v1/merchant", "/v1/calculate"}:
            continue
        if route.parameters("path") and not route.path.startswith(
            ("/v1/plans", "/v1/products", "/v1/add_ons")
        ):
            assert answer.status_code == 404, route
        for text in [*ids_in(own.content), *texts]:
            if text not in path:
                assert text not in answer.content.decode(errors="replace"), route
        for id_ in ids_in(own.content):  # another's id, in each place of the path
            for name in route.parameters("path"):
                swapped = ground.filled(route.path, **{name: id_})
                answer = other.send(route.method, swapped, body, Idempotency_Key=next(keys))
                wanted = 400 if name == "line" else 404  # a line goes by its number
                assert answer.status_code == wanted, (route, id_)
    for route in ground.routes():
        if "customer" in route.parameters("query"):
            path = f"{ground.filled(route.path)}?{ground.needed(route)}customer=aino"
            answer = other.get(path)
            assert answer.status_code == 404


def ids_in(body: bytes) -> set[str]:
    """The ids with a prefix that stand in an answer."""
    words = body.decode(errors="replace").split('"')
    return {word for word in words if word[3:4] == "_" and len(word) == 36}
