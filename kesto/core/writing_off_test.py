"""Laws of writing off: VAT relieved is within the invoice's, and comes back to the cent."""

from hypothesis import given
from hypothesis import strategies as st

from kesto.core.writing_off import due_again_minor, relieved_minor


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
