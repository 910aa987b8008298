"""What a refusal says: a sentence for people, a code for programs, the field and the thing."""

import pytest

from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused, RefusedTogether


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Refused, "refused"),
        (Invalid, "invalid"),
        (NotFound, "not_found"),
        (Conflict, "conflict"),
        (NotAllowed, "not_allowed"),
    ],
)
def test_a_refusal_has_the_code_of_its_kind_unless_it_has_its_own(
    kind: type[Refused], code: str
) -> None:
    plain = kind("it can't be done")
    assert (str(plain), plain.detail) == ("it can't be done", "it can't be done")
    assert (plain.code, plain.field, plain.subject) == (code, "", "")
    own = kind("no", code="bad_day", field="on", subject="inv_1")
    assert (own.code, own.field, own.subject) == ("bad_day", "on", "inv_1")


def test_several_refusals_speak_with_the_voice_of_the_first() -> None:
    first = Invalid("must be above zero", code="negative", field="amount", subject="basic")
    alone = RefusedTogether([first])
    assert (alone.detail, alone.code) == ("must be above zero", "several")
    assert (alone.field, alone.subject, alone.refusals) == ("amount", "basic", (first,))
    three = RefusedTogether([first, NotFound("no plan"), Conflict("there already")])
    assert str(three) == "must be above zero (and 2 more)"
    assert [one.detail for one in three.refusals] == [
        "must be above zero",
        "no plan",
        "there already",
    ]
