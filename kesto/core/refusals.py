"""What Kesto says when it will not do a thing: one small tree, mapped once at the edges.

Refused
├── Invalid      the input is wrong: names the field and says what to do
├── NotFound     no such thing for this merchant
├── Conflict     right in itself, but not together with what already is
└── NotAllowed   the caller may not, or not now
"""

from collections.abc import Sequence


class Refused(Exception):  # noqa: N818 - the house word for a refusal; "Error" would say bug
    """A request that is understood and not carried out; nothing has been changed.

    `code` is stable and for programs, `field` names the input at fault (empty when none is),
    `subject` which of several things it is about; the text is one sentence for a person.
    """

    default_code = "refused"

    def __init__(self, detail: str, *, code: str = "", field: str = "", subject: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default_code
        self.field = field
        self.subject = subject


class Invalid(Refused):
    """The input is wrong; the sentence names the field and what to do."""

    default_code = "invalid"


class NotFound(Refused):
    """There is no such thing for this merchant."""

    default_code = "not_found"


class Conflict(Refused):
    """Right in itself, but it contradicts what already is."""

    default_code = "conflict"


class NotAllowed(Refused):
    """The caller may not do this, or not now."""

    default_code = "not_allowed"


class RefusedTogether(Invalid):
    """Several things of one request are wrong, each with its own refusal; none was done."""

    default_code = "several"

    def __init__(self, refusals: Sequence[Refused]) -> None:
        first, *rest = refusals
        more = f" (and {len(rest)} more)" if rest else ""
        super().__init__(first.detail + more, field=first.field, subject=first.subject)
        self.refusals = tuple(refusals)


class EventsAway(Exception):  # noqa: N818 - nobody's bug: a server is away, or too much waits for it
    """The events can't be read or taken at this moment; the sentence says why and what to do."""
