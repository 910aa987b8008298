"""The way of a request through the API: short, to the address Django would find, well covered."""

import pytest
from django.conf import settings
from django.urls import resolve

from kesto.api import middleware
from kesto.api.addresses import Addresses
from kesto.api.entry import ROOM
from kesto.api.urls import urlpatterns
from kesto.ops.home import Home
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
    for path in paths:
        found, expected = middleware.ADDRESSES.view(path), resolve(ROOM + path)
        assert found is not None
        assert (found[0], found[1]) == (expected.func, expected.kwargs), path


@pytest.mark.parametrize("path", ["nothing", "customers/", "customers/a/b", "customers\n"])
def test_any_other_leads_nowhere(path: str) -> None:
    assert middleware.ADDRESSES.view(path) is None


def test_an_address_begins_with_a_word() -> None:
    (one, *_) = [one for one in urlpatterns if str(one.pattern) == "customers/<customer>"]
    one.pattern._route, kept = "<customer>", one.pattern._route  # type: ignore[union-attr]  # Django's own
    try:
        with pytest.raises(ValueError, match="begins with a word"):
            Addresses([one])
    finally:
        one.pattern._route = kept  # type: ignore[union-attr]


@pytest.mark.parametrize("path", [MERCHANT, CALCULATE, "/v1/nothing"])
def test_answers_and_problems_carry_the_headers_of_all_answers(town: Town, path: str) -> None:
    answer = Program(key_for(town)).get(path)
    for name, beginning in COVERED.items():
        assert answer[name].startswith(beginning), (path, name)
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
