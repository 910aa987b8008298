from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.ids import PREFIXES, parsed, shown
from kesto.core.refusals import Invalid

nouns = st.sampled_from(sorted(PREFIXES))


@given(nouns, st.uuids())
def test_an_identifier_is_read_as_it_was_shown(noun: str, identifier: UUID) -> None:
    text = shown(noun, identifier)
    assert text.startswith(f"{PREFIXES[noun]}_")
    assert parsed(noun, text) == identifier
    assert parsed(noun, str(identifier)) == identifier


@given(nouns, nouns, st.uuids())
def test_the_identifier_of_another_noun_is_refused(noun: str, other: str, identifier: UUID) -> None:
    if PREFIXES[noun] == PREFIXES[other]:
        return
    with pytest.raises(Invalid, match=f"is not the id of a {noun}") as refused:
        parsed(noun, shown(other, identifier))
    assert (refused.value.code, refused.value.field) == ("bad_id", noun)


@pytest.mark.parametrize("text", ["", "inv_", "inv_0", "inv_" + "g" * 32, "inv_" + "0" * 33])
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parsed("invoice", text)


def test_no_two_nouns_share_a_prefix() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)
