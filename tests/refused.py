"""What was refused, as a test compares it."""

from collections.abc import Callable

import pytest

from kesto.core.refusals import Refused


def refused(kind: type[Refused], ask: Callable[[], object]) -> tuple[str, str, str]:
    """The code, the field and the sentence of the refusal that asking comes to."""
    with pytest.raises(Refused) as caught:
        ask()
    assert type(caught.value) is kind
    return caught.value.code, caught.value.field, caught.value.detail
