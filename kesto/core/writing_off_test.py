"""Laws of writing off: VAT relieved is within the invoice's, and comes back to the cent."""

from hypothesis import given
from hypothesis import strategies as st

from kesto.core.writing_off import due_again_minor, relieved_minor


def test_the_vat_of_what_is_open_comes_back_and_is_owed_again_by_its_parts() -> None:
    assert relieved_minor(12550, 12550, 2550) == 2550
    assert relieved_minor(1000, 12550, 2550) == 203  # 203.19
    assert due_again_minor(1000, 203, 0, 500) == 102  # 101.5
    assert due_again_minor(1000, 203, 500, 500) == 101
    assert due_again_minor(1000, 203, 500, 250) == 50  # 152.25 less 102


@given(st.integers(1, 10**9), st.data())
def test_what_is_recovered_in_full_owes_all_its_vat_again(total: int, data: st.DataObject) -> None:
    tax = data.draw(st.integers(0, total))
    open_minor = data.draw(st.integers(1, total))
    relieved = relieved_minor(open_minor, total, tax)
    assert 0 <= relieved <= min(tax, open_minor)
    before = again = 0
    while before < open_minor:
        now = data.draw(st.integers(1, open_minor - before))
        if open_minor - before - now < open_minor // 4:
            now = open_minor - before
        part = due_again_minor(open_minor, relieved, before, now)
        assert 0 <= part <= now
        before, again = before + now, again + part
    assert again == relieved
