"""What happened to a subscription, as the office tells it: what, from when, by whom and when."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext

from kesto.core.history import Cancelled, Paused, Subscribed
from kesto.core.passing import Passed
from kesto.store.deeds import Deed
from kesto.web.office import written
from kesto.web.ui.parts import Event
from kesto.words.changes import Happening


def told_event(one: Happening, deed: Deed | None, people: Mapping[str, str]) -> Event:
    """An event of the past; `deed` is None for what nobody told."""
    since = gettext("counts from %(day)s") % {"day": written.day(one.on)}
    notes = ["" if one.is_of_one_day else since, one.why]
    if deed is not None:
        told_on = written.day(timezone.localtime(deed.at).date())
        who = actor_words(deed.actor, people)
        told = gettext("told on %(day)s") % {"day": told_on}
        notes.append(f"{told}, {who}" if who else told)
    if one.is_called_off:
        notes.insert(0, gettext("did not come about"))
    return Event(one.text, " · ".join(filter(None, notes)), icon=_icon(one))


def _icon(one: Happening) -> str:
    if one.is_called_off:
        return "undo"
    match one.event:
        case Subscribed():
            return "add"
        case Paused():
            return "pause"
        case Cancelled() | Passed(kind="ended"):
            return "close"
        case Passed():
            return "run"
    return "swap"


def actor_words(actor: str, people: Mapping[str, str]) -> str:
    """Who did it, as the audit log names them: staff by name, the subscriber, a system."""
    kind, _, own = actor.partition("_")
    match kind:
        case "stf":
            return people.get(own, gettext("a former user"))
        case "cus":
            return gettext("the customer, in the portal")
        case "key":
            return gettext("through the API")
        case _:
            return actor
