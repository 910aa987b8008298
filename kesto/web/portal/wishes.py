"""How we reach a customer: their wishes as facts, and as a form that changes them."""

from collections.abc import Mapping, Sequence

from django.http import QueryDict
from django.utils.translation import gettext
from msgspec import Struct

from kesto.core.wishes import GROUPS, NONE, MessageGroup, channels_of
from kesto.store.portal import Preference, Visitor
from kesto.web.portal import words
from kesto.web.ui.language import LANGUAGES


class Fact(Struct, frozen=True):
    """A group of messages and how it comes."""

    name: str
    value: str
    note: str


class Option(Struct, frozen=True):
    """A choice of a list; one that is not possible says why."""

    value: str
    words: str
    is_chosen: bool
    is_possible: bool = True


class Choice(Struct, frozen=True):
    """A row of the form: a group of messages, its channels and its languages."""

    group: str
    name: str
    note: str
    channels: Sequence[Option]
    languages: Sequence[Option]


def wish_facts(wishes: Mapping[MessageGroup, Preference], visitor: Visitor) -> list[Fact]:
    """How each group of messages comes; the language where it is not the usual one."""
    return [
        Fact(
            words.said(words.GROUPS, group),
            words.said(words.CHANNELS, wish.channel),
            "" if wish.channel == NONE else _other_language(wish, visitor),
        )
        for group, wish in wishes.items()
    ]


def choices(wishes: Mapping[MessageGroup, Preference], visitor: Visitor) -> list[Choice]:
    """The rows of the form."""
    return [
        Choice(
            group,
            words.said(words.GROUPS, group),
            words.said(words.GROUP_NOTES, group),
            [_channel(code, wish, visitor) for code in channels_of(group)],
            [
                Option(code, name, (wish.language or visitor.language) == code)
                for code, name in LANGUAGES.items()
            ],
        )
        for group, wish in wishes.items()
    ]


def wishes_in(sent: QueryDict, visitor: Visitor) -> dict[str, Preference]:
    """What the form says; the customer's usual language needs no wish of its own."""
    found: dict[str, Preference] = {}
    for group in GROUPS:
        channel = sent.get(f"{group}-channel", "")
        language = sent.get(f"{group}-language", "")
        if channel:
            found[group] = Preference(channel, "" if language == visitor.language else language)
    return found


def language_name(code: str) -> str:
    """A language by its own name."""
    return LANGUAGES.get(code, code)


def _channel(code: str, wish: Preference, visitor: Visitor) -> Option:
    is_chosen = code == wish.channel
    name = words.said(words.CHANNELS, code)
    reach = {"email": visitor.email, "letter": visitor.street and visitor.city}
    if not reach.get(code, code):
        name = gettext("%(channel)s (no address)") % {"channel": name}
        return Option(code, name, is_chosen, is_possible=False)
    return Option(code, name, is_chosen)


def _other_language(wish: Preference, visitor: Visitor) -> str:
    is_usual = wish.language in {"", visitor.language}
    return "" if is_usual else language_name(wish.language)
