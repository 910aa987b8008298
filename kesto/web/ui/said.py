"""What the last deed came to, said once on the page that follows it."""

from collections.abc import Iterator

from django.http import HttpRequest

from kesto.web.ui.sessions import session_of

KEY = "said"


def say(request: HttpRequest, tone: str, title: str, text: str = "") -> None:
    """Say this on the next page: tone "ok", "warn", "bad" or "info", a sentence, and more of it."""
    session = session_of(request)
    session[KEY] = [*session.get(KEY, []), [tone, title, text]]


def said(request: HttpRequest) -> Iterator[tuple[str, str, str]]:
    """What is to be said, once."""
    yield from session_of(request).pop(KEY, [])
