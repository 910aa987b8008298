"""Messages by key and language, with their facts filled in."""

from decimal import Decimal

from kesto.core.refusals import Invalid
from kesto.words import en, fi, sv
from kesto.words.forms import number

LANGUAGES = {"fi": fi.MESSAGES, "sv": sv.MESSAGES, "en": en.MESSAGES}


def check_language(language: str) -> str:
    """Return the language if there are words in it; Invalid otherwise."""
    if language not in LANGUAGES:
        raise Invalid(
            f"{language!r} is a language without words here; known: {', '.join(LANGUAGES)}",
            code="unknown_language",
            field="language",
        )
    return language


def say(language: str, key: str, **facts: str) -> str:
    """Return a message that has one form."""
    message = LANGUAGES[language][key]
    if isinstance(message, tuple):
        raise TypeError(f"{key!r} has a form for one and one for more: use `count`")
    return message.format(**facts)


def count(language: str, key: str, of: Decimal, **facts: str) -> str:
    """Return the message for a number of things; exactly one takes the singular."""
    message = LANGUAGES[language][key]
    if isinstance(message, str):
        raise TypeError(f"{key!r} has one form only: use `say`")
    return message[0 if of == 1 else 1].format(quantity=number(of, language), **facts)
