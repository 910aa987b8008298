"""Which language a page speaks: the one switched to, the person's own, or the browser's."""

from django.http import HttpRequest
from django.utils import translation

from kesto.words import LANGUAGES as WORDS

COOKIE = "kesto_language"
LANGUAGES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
FIRST = "en"


def wanted_language(request: HttpRequest) -> str:
    """The language switched to on this browser, else the one that the browser asks for."""
    switched = request.COOKIES.get(COOKIE, "")
    if switched in LANGUAGES:
        return switched
    asked = translation.get_language_from_request(request)
    return asked if asked in LANGUAGES else FIRST


def speak(request: HttpRequest, language: str) -> None:
    """Speak the language of the person who is known now, unless another was switched to."""
    if request.COOKIES.get(COOKIE, "") not in LANGUAGES and language in LANGUAGES:
        activate(request, language)


def activate(request: HttpRequest, language: str) -> None:
    """Speak this language for the rest of the request."""
    translation.activate(language)
    request.LANGUAGE_CODE = language


def words_language() -> str:
    """The language for `kesto.words` now."""
    spoken = translation.get_language() or FIRST
    return spoken if spoken in WORDS else FIRST
