"""Visits of staff and customers: kept by the hash of their key, walled off, ended for good."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from kesto.ops.home import Home
from kesto.store import web_sessions
from kesto.store.ids import new_id
from kesto.store.session import reading
from kesto.web.middleware import Sessions
from kesto.web.ui.said import said, say
from kesto.web.ui.sessions import OFFICE, PORTAL, SessionStore, hashed, session_of
from tests.town import Town

OFFICE_PAGE, PORTAL_PAGE = "/office/", "/portal/"


@pytest.fixture
def town(booted: Home) -> Town:
    assert booted
    return Town.founded()


def visit(
    path: str, deed: Callable[[HttpRequest], object], key: str = "", *, secure: bool = False
) -> HttpResponse:
    """Have a request of a visitor with this cookie answered; the deed is the page's."""
    request = RequestFactory().get(path, secure=secure)
    name = OFFICE.name if path == OFFICE_PAGE else PORTAL.name
    if key:
        request.COOKIES[f"__Host-{name}" if secure else name] = key

    def answer(asked: HttpRequest) -> HttpResponse:
        deed(asked)
        return HttpResponse()

    return Sessions(answer)(request)


def sign_in(merchant_id: UUID, subject_id: UUID) -> Callable[[HttpRequest], object]:
    return lambda request: session_of(request).sign_in(merchant_id, subject_id)


def test_a_visit_is_known_by_its_cookie_alone(town: Town) -> None:
    subject_id = new_id()
    answer = visit(OFFICE_PAGE, sign_in(town.merchant_id, subject_id))
    cookie = answer.cookies[OFFICE.name]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    seen: list[object] = []
    again = visit(
        OFFICE_PAGE,
        lambda request: seen.append(
            (session_of(request).merchant_id, session_of(request).subject_id)
        ),
        cookie.value,
    )
    assert seen == [(town.merchant_id, subject_id)]
    assert OFFICE.name not in again.cookies


def test_the_store_knows_the_hash_and_not_the_key(town: Town) -> None:
    key = visit(OFFICE_PAGE, sign_in(town.merchant_id, new_id())).cookies[OFFICE.name].value
    with reading(town.merchant_id) as session:
        rows = session.rows("select web_session::text, sha256 from web_session")
    assert [row[1] for row in rows] == [hashed(key)]
    assert key not in rows[0][0]


def test_over_https_the_cookie_is_bound_to_the_host(town: Town) -> None:
    answer = visit(OFFICE_PAGE, sign_in(town.merchant_id, new_id()), secure=True)
    cookie = answer.cookies[f"__Host-{OFFICE.name}"]
    assert cookie["secure"]
    assert (cookie["domain"], cookie["path"]) == ("", "/")


def test_a_visitor_who_has_not_signed_in_gets_no_cookie(booted: Home) -> None:
    assert booted
    answer = visit(OFFICE_PAGE, lambda request: request.session.get("x"))
    assert not answer.cookies
    answer = visit(OFFICE_PAGE, lambda request: request.session.get("x"), "unknown-key-of-others")
    assert answer.cookies[OFFICE.name].value == ""


def test_nothing_is_kept_before_signing_in(booted: Home) -> None:
    assert booted
    with pytest.raises(ValueError, match="sign_in first"):
        SessionStore().save()


def test_a_session_of_staff_is_none_of_a_customer(town: Town) -> None:
    key = visit(OFFICE_PAGE, sign_in(town.merchant_id, new_id())).cookies[OFFICE.name].value
    seen: list[object] = []
    visit(PORTAL_PAGE, lambda request: seen.append(session_of(request).merchant_id), key)
    assert seen == [None]


def test_signing_in_takes_a_new_key_and_ends_the_old_visit(town: Town) -> None:
    first = visit(OFFICE_PAGE, sign_in(town.merchant_id, new_id())).cookies[OFFICE.name].value
    answer = visit(OFFICE_PAGE, sign_in(town.merchant_id, new_id()), first)
    assert answer.cookies[OFFICE.name].value not in {"", first}
    assert web_sessions.find_session(hashed(first), "staff") is None


def test_signing_out_ends_the_visit_and_takes_the_cookie_back(town: Town) -> None:
    key = visit(OFFICE_PAGE, sign_in(town.merchant_id, new_id())).cookies[OFFICE.name].value
    answer = visit(OFFICE_PAGE, lambda request: request.session.flush(), key)
    assert answer.cookies[OFFICE.name]["max-age"] == 0
    assert web_sessions.find_session(hashed(key), "staff") is None


def test_an_expired_visit_is_not_found(town: Town) -> None:
    key = visit(OFFICE_PAGE, sign_in(town.merchant_id, new_id())).cookies[OFFICE.name].value
    found = web_sessions.find_session(hashed(key), "staff")
    assert found is not None
    web_sessions.keep_session(hashed(key), "staff", found, -1)
    assert web_sessions.find_session(hashed(key), "staff") is None


def test_all_visits_of_a_person_end_at_once(town: Town) -> None:
    subject_id = new_id()
    keys = [
        visit(OFFICE_PAGE, sign_in(town.merchant_id, who)).cookies[OFFICE.name].value
        for who in (subject_id, subject_id, new_id())
    ]
    assert web_sessions.end_sessions_of(subject_id, "staff", town.merchant_id) == 2
    found = [web_sessions.find_session(hashed(key), "staff") for key in keys]
    assert [one is None for one in found] == [True, True, False]


def test_another_merchant_sees_and_ends_nothing(town: Town) -> None:
    subject_id = new_id()
    key = visit(OFFICE_PAGE, sign_in(town.merchant_id, subject_id)).cookies[OFFICE.name].value
    other = Town.founded()
    assert web_sessions.end_sessions_of(subject_id, "staff", other.merchant_id) == 0
    web_sessions.end_session(hashed(key), other.merchant_id)
    assert web_sessions.find_session(hashed(key), "staff") is not None
    with reading(other.merchant_id) as session:
        assert session.rows("select 1 from web_session") == []


def test_without_a_merchant_only_the_hash_leads_in(town: Town) -> None:
    visit(OFFICE_PAGE, sign_in(town.merchant_id, new_id()))
    with connections["default"].cursor() as cursor:
        cursor.execute("select count(*) from session_of(%s, 'staff')", [b"x" * 32])
        assert cursor.fetchone() == (0,)


def test_what_a_deed_came_to_is_said_once(town: Town) -> None:
    answer = visit(OFFICE_PAGE, sign_in(town.merchant_id, new_id()))
    key = answer.cookies[OFFICE.name].value
    visit(OFFICE_PAGE, lambda request: say(request, "ok", "Settled", "by hand"), key)
    heard: list[tuple[str, str, str]] = []
    for _ in range(2):
        visit(OFFICE_PAGE, lambda request: heard.extend(said(request)), key)
    assert [[*one] for one in heard] == [["ok", "Settled", "by hand"]]
