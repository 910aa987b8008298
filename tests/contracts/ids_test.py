"""Fresh ids are made by a shorter way than uuid's own; nothing may tell them from others."""

import pickle
from itertools import pairwise
from uuid import UUID

from kesto.store.ids import new_ids


def test_a_fresh_id_is_a_uuid_like_any_other() -> None:
    for own in new_ids(3):
        same = UUID(str(own))
        assert (own, hash(own), own.bytes, own.version) == (same, hash(same), same.bytes, 7)
        assert (own.is_safe, own.variant) == (same.is_safe, same.variant)
        assert pickle.loads(pickle.dumps(own)) == own  # noqa: S301 - written a moment ago


def test_ids_of_one_call_rise() -> None:
    assert all(earlier < later for earlier, later in pairwise(new_ids(1_000)))
