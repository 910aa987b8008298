"""The way of a request through the API: short, to the address Django would find, well covered."""

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.http import HttpResponse
from django.urls import path, resolve

from kesto.api import middleware
from kesto.api.addresses import Addresses
from kesto.api.entry import ROOM
from kesto.api.urls import urlpatterns
from kesto.ops.home import Home
from kesto.store import merchants, session
from tests.contracts.api_visits import CALCULATE, MERCHANT, Program, key_for, refused
from tests.town import Town

COVERED = {
    "Content-Security-Policy": "default-src 'none'",
    "Permissions-Policy": "camera=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
MANY_ADDRESSES = 60


def test_every_address_leads_where_django_would_lead(booted: Home) -> None:
    assert booted
    paths = [str(one.pattern).replace("<", "a").replace(">", "") for one in urlpatterns]
    assert len(paths) > MANY_ADDRESSES
    for one in paths:
        found, expected = middleware.ADDRESSES.view(one), resolve(ROOM + one)
        assert found is not None
        assert (found[0], found[1]) == (expected.func, expected.kwargs), one


@pytest.mark.parametrize("other", ["nothing", "customers/", "customers/a/b", "customers\n"])
def test_any_other_leads_nowhere(other: str) -> None:
    assert middleware.ADDRESSES.view(other) is None


def test_an_address_begins_with_a_word() -> None:
    for route in ("<noun>", "<noun>/all"):
        with pytest.raises(ValueError, match="begins with a word"):
            Addresses([path(route, lambda _request, _noun: HttpResponse())])


@pytest.mark.parametrize("address", [MERCHANT, CALCULATE, "/v1/nothing"])
def test_answers_and_problems_carry_the_headers_of_all_answers(town: Town, address: str) -> None:
    answer = Program(key_for(town)).get(address)
    for name, beginning in COVERED.items():
        assert answer[name].startswith(beginning), (address, name)
    assert "Set-Cookie" not in answer


def test_a_host_that_is_not_ours_is_refused(town: Town) -> None:
    answer = Program(key_for(town)).get(MERCHANT, host="evil.example")
    assert refused(answer) == (400, "bad_request")


def test_a_program_is_sent_on_to_https_and_told_to_stay(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SECURE_SSL_REDIRECT", True)
    monkeypatch.setattr(settings, "SECURE_HSTS_SECONDS", 60)
    monkeypatch.setattr(settings, "SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https"))
    key = key_for(town)
    sent_on = Program(key).get(MERCHANT)
    assert (sent_on.status_code, sent_on["Location"]) == (301, f"https://localhost{MERCHANT}")
    answer = Program(key).get(MERCHANT, X_Forwarded_Proto="https")
    assert (answer.status_code, answer["Strict-Transport-Security"]) == (200, "max-age=60")


def test_a_read_whose_connection_has_ended_is_read_over_another(town: Town) -> None:
    program = Program(key_for(town))
    assert program.get(MERCHANT).status_code == 200
    end_own_connection()
    assert program.get(MERCHANT).status_code == 200


def test_a_read_whose_connection_was_lost_silently_is_read_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Program(key_for(town))
    assert program.get(MERCHANT).status_code == 200
    monkeypatch.setattr(session, "_has_word", lambda _connection: False)
    end_own_connection()
    assert program.get(MERCHANT).status_code == 200


def test_a_read_is_read_again_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    program, read = Program(key_for(town)), []

    def fails(_session: object) -> None:
        read.append(1)
        raise psycopg.OperationalError("gone")

    monkeypatch.setattr(merchants, "merchant", fails)
    answer = program.get(MERCHANT)
    assert (refused(answer), len(read)) == ((503, "database_away"), 2)


def end_own_connection() -> None:
    """Have the server end the connection of this thread, which nobody tells."""
    connection = connections["default"].connection
    assert connection is not None
    with psycopg.connect(connection.info.dsn, password=connection.info.password) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
