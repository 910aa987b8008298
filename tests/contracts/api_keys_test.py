"""Keys of the API: who is let in, by what, how often, and that nothing tells a key."""

import logging
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import psycopg
import pytest

from kesto.api import key_cache, keys
from kesto.api.key_cache import SECONDS, KeyCache
from kesto.api.limits import BURST, ROWS, SECOND, WIDTH, Limiter
from kesto.core.api_keys import KEY, known_scopes
from kesto.core.refusals import Invalid, NotFound
from kesto.flows.make_key import make_key
from kesto.flows.open_merchant import open_merchant
from kesto.flows.revoke_key import revoke_key
from kesto.ops.log_filter import WithoutKeys
from kesto.store import api_keys
from kesto.store.ids import new_id
from kesto.store.session import reading
from tests.contracts.api_visits import CALCULATE, MERCHANT, Program, key_for, refused
from tests.contracts.office_visits import landed, member, text_of
from tests.town import ACTOR, SELLER, Town

NOW = datetime(2026, 10, 1, 6, tzinfo=UTC)


def known(town: Town) -> list[api_keys.ApiKey]:
    with reading(town.merchant_id) as session:
        return api_keys.keys(session)


def test_a_key_says_its_mode_and_hides_256_bits(town: Town) -> None:
    made = make_key(town.merchant_id, " web shop ", ["read"], NOW, ACTOR)
    assert KEY.fullmatch(made.key)
    assert made.key.startswith("kesto_test_")
    assert len(made.key.removeprefix("kesto_test_")) * 4 == 256
    assert (made.name, made.prefix) == ("web shop", made.key[:19])


@pytest.mark.usefixtures("booted")
def test_a_live_merchants_key_says_so_and_goes_by_the_real_clock() -> None:
    code = f"live-{new_id().hex}"
    merchant_id = open_merchant(code, "Live", "live", SELLER, NOW)
    made = make_key(merchant_id, "shop", ["read"], NOW, ACTOR)
    assert made.key.startswith("kesto_live_")
    answer = Program(made.key).get(MERCHANT).json()
    assert (answer["code"], answer["mode"], answer["clock_at"]) == (code, "live", None)
    assert datetime.fromisoformat(answer["now"]) > NOW


def test_only_the_hash_of_a_key_is_kept(town: Town, superuser: psycopg.Connection) -> None:
    made = make_key(town.merchant_id, "shop", ["read"], NOW, ACTOR)
    secret = made.key.removeprefix(made.prefix)
    for table in ("api_key", "audit"):
        rows = superuser.execute(f"select {table}::text from {table}".encode()).fetchall()  # noqa: S608 - the two names above
        assert rows
        assert not [row for row in rows if secret in row[0]]


def test_making_and_revoking_stand_in_the_audit_log(town: Town) -> None:
    made = make_key(town.merchant_id, "shop", ["read"], NOW, ACTOR)
    revoke_key(town.merchant_id, made.id, NOW, ACTOR)
    with reading(town.merchant_id) as session:
        rows = session.rows("select action, actor, data from audit order by seq desc limit 2")
    assert [row[:2] for row in rows] == [("revoke_key", ACTOR), ("make_key", ACTOR)]
    assert all(f"key_{made.id.hex}" in row[2] for row in rows)


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "key_missing"),
        ("Bearer", "key_missing"),
        ("Bearer ", "key_missing"),
        ("Bearer kesto_test_", "key_wrong"),
        (f"Bearer kesto_test_{'0' * 64}", "key_wrong"),
        ("Bearer kesto_test_\u00e9\x00", "key_wrong"),
        ("Basic YTpi", "key_wrong"),
        (f"Bearer {'x' * 5000}", "key_wrong"),
    ],
)
@pytest.mark.usefixtures("booted")
def test_without_a_right_key_nobody_is_let_in(authorization: str, code: str) -> None:
    program = Program()
    for answer in (
        program.get(MERCHANT, authorization=authorization),
        program.post(CALCULATE, [], authorization=authorization),
    ):
        assert refused(answer) == (401, code)
        assert answer["WWW-Authenticate"] == 'Bearer realm="kesto"'


def test_the_scheme_is_read_without_its_case_and_blanks(town: Town) -> None:
    key = key_for(town)
    for words in (f"bearer {key}", f"BEARER  {key} "):
        assert Program().get(MERCHANT, authorization=words).status_code == 200
    for words in (f"Basic {key}", key, f"Bearer {key.upper()}", f"Bearer {key}0"):
        assert Program().get(MERCHANT, authorization=words).status_code == 401


def test_a_revoked_key_changes_nothing_at_once_and_reads_nothing_soon(
    town: Town, monkeypatch: Any
) -> None:
    seconds = [0]
    cache = KeyCache(api_keys.holder_of, lambda: seconds[0] * SECOND)
    monkeypatch.setattr(key_cache, "_cache", cache)
    made = make_key(town.merchant_id, "shop", ["read", "calculate"], NOW, ACTOR)
    program = Program(made.key)
    assert program.get(MERCHANT).status_code == 200
    assert program.post(CALCULATE, []).status_code == 200
    assert revoke_key(town.merchant_id, made.id, NOW, ACTOR).revoked_at == NOW
    assert refused(program.post(CALCULATE, [])) == (401, "key_wrong")
    seconds[0] = SECONDS
    assert refused(program.get(MERCHANT)) == (401, "key_wrong")
    with pytest.raises(NotFound) as again:
        revoke_key(town.merchant_id, made.id, NOW, ACTOR)
    assert again.value.code == "unknown_key"


def test_a_key_past_its_end_opens_nothing(town: Town, superuser: psycopg.Connection) -> None:
    made = make_key(town.merchant_id, "shop", ["read"], NOW, ACTOR)
    superuser.execute("update api_key set expires_at = now() where id = %s", [made.id])
    superuser.commit()
    assert api_keys.holder_of(made.key) is None


def test_a_key_leads_to_its_own_merchant_alone(town: Town) -> None:
    other = Town.founded()
    for one in (town, other):
        assert Program(key_for(one)).get(MERCHANT).json()["code"] == one.code
    (key,) = known(other)
    with pytest.raises(NotFound):
        revoke_key(town.merchant_id, key.id, NOW, ACTOR)
    assert [one.revoked_at for one in known(other)] == [None]
    assert len(known(town)) == 1


def test_a_key_does_what_its_scopes_say(town: Town) -> None:
    reads, computes = Program(key_for(town, "read")), Program(key_for(town, "calculate"))
    assert reads.get(MERCHANT).status_code == 200
    assert refused(reads.post(CALCULATE, [])) == (403, "scope_missing")
    assert computes.post(CALCULATE, []).status_code == 200
    assert refused(computes.get(MERCHANT)) == (403, "scope_missing")


@pytest.mark.parametrize(
    ("name", "scopes", "code", "field"),
    [
        ("", ["read"], "missing", "name"),
        ("a\x00b", ["read"], "bad_name", "name"),
        ("a" * 201, ["read"], "bad_name", "name"),
        ("shop", [], "missing", "scopes"),
        ("shop", ["fly"], "unknown_scope", "scopes"),
    ],
)
def test_a_key_has_a_name_and_scopes(
    town: Town, name: str, scopes: list[str], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        make_key(town.merchant_id, name, scopes, NOW, ACTOR)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert known(town) == []
    assert known_scopes(["read", "calculate", "read"]) == ("calculate", "read")


def test_the_use_of_a_key_is_noted_once_an_hour(town: Town, monkeypatch: Any) -> None:
    program = Program(key_for(town))
    noted = []
    for minutes in (0, 59, 60):
        monkeypatch.setattr(keys, "real_now", lambda at=minutes: NOW + timedelta(minutes=at))
        program.post(CALCULATE, [])
        noted.append(known(town)[0].last_used_at)
    assert noted == [NOW, NOW, NOW + timedelta(hours=1)]


def test_a_key_that_asks_too_often_is_told_when_to_come_back(town: Town, monkeypatch: Any) -> None:
    now = [1000 * SECOND]
    monkeypatch.setattr(keys, "limiter", Limiter(lambda: now[0]))
    program, other = Program(key_for(town)), Program(key_for(town))
    assert {program.post(CALCULATE, []).status_code for _ in range(BURST)} == {200}
    answer = program.post(CALCULATE, [])
    assert refused(answer) == (429, "too_many_requests")
    assert answer["Retry-After"] == "1"
    assert other.post(CALCULATE, []).status_code == 200
    now[0] += int(answer["Retry-After"]) * SECOND
    assert program.post(CALCULATE, []).status_code == 200


def test_a_limit_goes_on_beside_any_number_of_other_keys() -> None:
    limiter, own = Limiter(lambda: 1000 * SECOND), new_id()
    for _ in range(4 * ROWS * WIDTH):
        assert limiter.seconds_to_wait(new_id()) == 0
    assert {limiter.seconds_to_wait(own) for _ in range(BURST)} == {0}
    assert limiter.seconds_to_wait(own) == 1
    limiter.give_back(own)
    assert limiter.seconds_to_wait(own) == 0


ASKS = """
import sys
from uuid import UUID
from django.conf import settings
from kesto.api.limits import SECOND, Limiter
settings.configure(KESTO_COUNTS=int(sys.argv[1]))
limiter = Limiter(lambda: 1000 * SECOND, number=int(sys.argv[3]))
print(sum(limiter.seconds_to_wait(UUID(sys.argv[2])) == 0 for _ in range(80)))
"""


def test_processes_count_together() -> None:
    descriptor, key, other = os.memfd_create("counts"), str(new_id()), str(new_id())

    def let_in(key: str, number: int = 0) -> int:
        line = [sys.executable, "-c", ASKS, str(descriptor), key, str(number)]
        theirs = {name: text for name, text in os.environ.items() if not name.startswith("DJANGO")}
        asked = subprocess.run(
            line, pass_fds=[descriptor], env=theirs, capture_output=True, text=True, check=True
        )
        return int(asked.stdout)

    assert [let_in(key), let_in(key), let_in(key)] == [80, BURST - 80, 0]
    assert let_in(other) == 80
    assert let_in(key, number=1) == 80
    os.close(descriptor)


@pytest.mark.usefixtures("booted")
def test_no_log_has_a_key_in_it() -> None:
    key = f"kesto_live_{'0a' * 32}"
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(WithoutKeys())
    log = logging.Logger("django.request")  # noqa: LOG001 - one that nobody else hears
    log.addHandler(handler)
    log.warning("Not Found: %s", f"/v1/merchant?key={key}")
    try:
        raise ValueError(key)  # noqa: TRY301 - the trace is what is looked at
    except ValueError:
        log.exception("trouble with %s", key)
    assert key[:20] not in written.getvalue()
    assert written.getvalue().count("kesto_live_…") == 3


def test_what_django_logs_of_a_refused_request_has_no_key(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    key = key_for(town)
    with caplog.at_level(logging.DEBUG):
        program = Program(key)
        program.get("/v1/nothing")
        program.post(CALCULATE, b"{")
        Program(key + "0").get(MERCHANT)
    assert caplog.records
    assert key[19:] not in caplog.text


def test_the_office_makes_shows_once_and_revokes(town: Town) -> None:
    developer = member(town, "developer")
    assert "No keys yet" in text_of(developer.get("/office/settings/keys/"))
    asked = {"name": "web shop", "scopes": "calculate read usage write"}
    made = text_of(developer.post("/office/settings/keys/make/", asked))
    key = re.findall(r'value="(kesto_test_[0-9a-f]{64})"', made)[0]
    assert Program(key).post(CALCULATE, []).status_code == 200
    shown = text_of(developer.get("/office/settings/keys/"))
    assert key[:19] in shown
    assert key not in shown
    (kept,) = known(town)
    address = f"/office/settings/keys/{kept.id}/revoke/"
    assert "web shop is revoked" in landed(developer, developer.post(address))
    assert Program(key).post(CALCULATE, []).status_code == 401
    assert "revoked already" in text_of(developer.post(address))


def test_the_office_says_what_is_wrong_with_a_key(town: Town) -> None:
    owner = member(town, "owner")
    for asked in ({"name": "", "scopes": "read"}, {"name": "shop", "scopes": "fly"}):
        assert 'role="alert"' in text_of(owner.post("/office/settings/keys/make/", asked))
    asked = {"name": "a\u202eb", "scopes": "read"}
    assert "This name can’t be used" in text_of(owner.post("/office/settings/keys/make/", asked))
    assert known(town) == []
