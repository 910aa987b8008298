"""What every page answers with: headers, assets, switches; and the address it is reached by."""

import brotli
import pytest
from django.conf import settings
from django.test import Client

from kesto.core.refusals import Invalid
from kesto.ops.config import public_url
from kesto.ops.home import Home
from kesto.ops.web import set_up_web
from kesto.web.ui.assets import asset_url

STYLE = "/office/style/"


@pytest.fixture
def client(booted: Home) -> Client:
    assert booted
    return Client(headers={"host": "localhost"}, enforce_csrf_checks=True)


def test_an_asset_is_small_and_kept_for_ever(client: Client) -> None:
    answer = client.get(asset_url("kesto.css"), headers={"accept-encoding": "gzip, br"})
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Content-Encoding"] == "br"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    sheet = brotli.decompress(answer.content).decode()
    assert sheet.startswith("@layer tokens, base, layout")
    assert asset_url("inter.woff2") in sheet
    assert "/*" not in sheet
    plain = client.get(asset_url("kesto.css"))
    assert "Content-Encoding" not in plain
    assert plain.content.decode() == sheet


def test_an_asset_of_other_days_is_not_found(client: Client) -> None:
    assert client.get("/assets/kesto.000000000000.css").status_code == 404


def test_a_page_has_the_strict_headers(client: Client) -> None:
    answer = client.get("/switch/")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_switching_needs_the_token_and_leads_back_to_our_own_pages_only(client: Client) -> None:
    assert client.post("/switch/", {"language": "fi"}).status_code == 403
    free = Client(headers={"host": "localhost"})
    answer = free.post("/switch/", {"language": "fi", "next": "//evil.example/"})
    assert answer["Location"] == "/"
    assert answer.cookies["kesto_language"].value == "fi"
    answer = free.post("/switch/", {"theme": "pink", "next": STYLE})
    assert (answer["Location"], [*answer.cookies]) == (STYLE, [])


@pytest.mark.parametrize(
    ("asked", "cookie", "spoken"),
    [("sv-FI, en;q=0.5", "", "sv"), ("de", "", "en"), ("sv", "fi", "fi"), ("sv", "xx", "sv")],
)
def test_the_language_is_the_switched_or_the_browsers(
    client: Client, asked: str, cookie: str, spoken: str
) -> None:
    client.cookies["kesto_language"] = cookie
    answer = client.get("/switch/", headers={"accept-language": asked})
    assert answer["Content-Language"] == spoken


@pytest.mark.parametrize(
    ("url", "insecure", "fault"),
    [
        ("https://billing.example.com", "", ""),
        ("http://localhost:8000", "", ""),
        ("http://[::1]:8000/", "", ""),
        ("http://billing.example.com", "", "name it with https"),
        ("http://billing.example.com", "1", ""),
        ("billing.example.com", "", "give an address such as"),
        ("https://billing.example.com/kesto", "", "give an address such as"),
    ],
)
def test_the_public_address_is_https_or_this_machine(
    monkeypatch: pytest.MonkeyPatch, url: str, insecure: str, fault: str
) -> None:
    monkeypatch.setenv("KESTO_PUBLIC_URL", url)
    monkeypatch.setenv("KESTO_INSECURE_HTTP", insecure)
    if fault:
        with pytest.raises(Invalid, match=fault) as refused:
            public_url()
        assert refused.value.field == "KESTO_PUBLIC_URL"
    else:
        assert public_url() == url.rstrip("/")


def test_https_makes_every_cookie_a_secure_one(
    booted: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KESTO_PUBLIC_URL", "https://billing.example.com")
    try:
        set_up_web(booted)
        assert settings.CSRF_COOKIE_NAME == "__Host-kesto_csrf"
        assert settings.CSRF_COOKIE_SECURE
        assert "billing.example.com" in settings.ALLOWED_HOSTS
        plain = Client(headers={"host": "billing.example.com"}).get("/switch/")
        assert plain["Location"] == "https://billing.example.com/switch/"
        behind = Client(headers={"host": "billing.example.com", "x-forwarded-proto": "https"})
        assert behind.get("/switch/")["Strict-Transport-Security"] == "max-age=31536000"
    finally:
        monkeypatch.undo()
        set_up_web(booted)
    assert not settings.CSRF_COOKIE_SECURE
