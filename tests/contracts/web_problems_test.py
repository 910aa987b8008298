"""When a page cannot be shown: the status says it to programs, the page to people."""

from collections.abc import Callable

import psycopg
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation
from django.views.defaults import bad_request, permission_denied, server_error

from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused
from kesto.ops.home import Home
from kesto.web.middleware import Refusals
from tests.pseudo import pseudo_locale, unmarked


@pytest.fixture(autouse=True)
def _django(booted: Home) -> None:
    assert booted


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Invalid("name is missing", field="name"), 400),
        (NotAllowed("only an owner may"), 403),
        (NotFound("there is no invoice 7"), 404),
        (Conflict("<it> was paid already"), 409),
    ],
)
def test_a_refusal_becomes_a_page(refusal: Refused, status: int) -> None:
    request = RequestFactory().get("/office/")
    answer = Refusals(lambda _request: HttpResponse()).process_exception(request, refusal)
    assert answer is not None
    assert answer.status_code == status
    html = answer.content.decode()
    assert "<h1" in html
    assert "<it>" not in html
    if status != 404:
        assert refusal.detail.replace("<it>", "&lt;it&gt;") in html


@pytest.mark.parametrize(
    ("address", "back"),
    [("/portal/invoices/", "/portal/"), ("/p/abc", "/portal/"), ("/office/bank/", "/")],
)
def test_a_refusal_says_what_to_do_and_leads_back(address: str, back: str) -> None:
    request = RequestFactory().get(address)
    refusals = Refusals(lambda _request: HttpResponse())
    with translation.override("fi"):
        answer = refusals.process_exception(request, Conflict("it is odd"))
    assert answer is not None
    html = answer.content.decode()
    assert "Palaa takaisin ja yritä uudelleen." in html
    assert '<q lang="en" translate="no">it is odd</q>' in html
    assert f'href="{back}">Siirry etusivulle' in html


@pytest.mark.parametrize(
    "trouble", [psycopg.OperationalError("gone"), psycopg.errors.DeadlockDetected("crossed")]
)
def test_trouble_that_passes_by_itself_asks_to_come_again(trouble: Exception) -> None:
    request = RequestFactory().get("/office/")
    refusals = Refusals(lambda _request: HttpResponse())
    with translation.override("fi"):
        answer = refusals.process_exception(request, trouble)
    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "Yritä hetken kuluttua uudelleen" in answer.content.decode()


def _answered(request: HttpRequest, trouble: Exception) -> HttpResponse:
    answer = Refusals(lambda _request: HttpResponse()).process_exception(request, trouble)
    assert answer is not None
    return answer


def test_a_bug_is_not_dressed_up() -> None:
    request = RequestFactory().get("/office/")
    refusals = Refusals(lambda _request: HttpResponse())
    assert refusals.process_exception(request, ValueError("a bug")) is None


@pytest.mark.parametrize(
    ("language", "words"),
    [("fi", "Sivua ei ole"), ("sv", "Sidan finns inte"), ("en", "There is no such page")],
)
def test_an_unknown_address_speaks_the_readers_language(language: str, words: str) -> None:
    answer = Client(headers={"host": "localhost", "accept-language": language}).get("/nothing/")
    assert answer.status_code == 404
    assert words in answer.content.decode()
    assert f'<html lang="{language}"' in answer.content.decode()


def test_a_form_without_its_token_is_told_what_to_do() -> None:
    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    answer = client.post("/switch/")
    assert answer.status_code == 403
    assert "load the page again" in answer.content.decode()


@pytest.mark.parametrize(
    "page",
    [
        server_error,
        lambda request: bad_request(request, Exception()),
        lambda request: permission_denied(request, Exception()),
        lambda request: _answered(request, psycopg.OperationalError("gone")),
    ],
)
def test_no_text_of_a_problem_is_left_unmarked(
    page: Callable[[HttpRequest], HttpResponse], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pseudo_locale(tmp_path_factory.mktemp("locale")), translation.override("qps"):
        html = page(RequestFactory().get("/")).content.decode()
    assert "⟦" in html
    assert unmarked(html, allowed=["Kesto"]) == []
