"""Writing off: how much VAT an invoice that will not be paid gives back, and owes again if it is.

Whether VAT may be taken back is for the law of the seller's country and for who writes off to
say: Finland AVL 78 §, Sweden ML 8 kap. 14 §, Denmark momsloven § 27 stk. 6, Germany § 17 UStG,
Norway mval. § 4-7 know it, each under conditions that no system can see.
"""

from kesto.core.exact import round_ratio

RELIEF_COUNTRIES = frozenset(("FI", "SE", "DK", "DE", "NO"))
"""Where a seller may take back the VAT on what is lost for good."""


def relieved_minor(open_minor: int, total_minor: int, tax_minor: int) -> int:
    """The VAT within what is open: its share of the invoice's VAT, rounded once."""
    return round_ratio(open_minor * tax_minor, total_minor)


def due_again_minor(amount_minor: int, tax_minor: int, before_minor: int, now_minor: int) -> int:
    """The VAT that is due again when a part of a write-off is paid after all.

    It is that of all parts together less that of the parts before (`before_minor`), so that a
    write-off that is recovered in full gives all of it back.
    """
    together = round_ratio((before_minor + now_minor) * tax_minor, amount_minor)
    return together - round_ratio(before_minor * tax_minor, amount_minor)
