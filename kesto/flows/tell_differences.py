"""Tell differences: why drafts come to other sums than the invoices before them, in words."""

from collections.abc import Sequence
from uuid import UUID

from kesto.core.comparison import compare
from kesto.core.invoicing import Draft
from kesto.core.plan_swaps import OfPlan
from kesto.flows.show_invoice import meter_view, metered, name_in
from kesto.store import invoices, papers
from kesto.store.coupons import coupon_names
from kesto.store.invoices import Stored
from kesto.store.session import Session
from kesto.words.reasons import Called, reason_text
from kesto.words.tongue import Tongue

Told = tuple[tuple[str, int], ...]
"""What changed, and what each change makes of the sum in minor units."""


def tell_differences(
    session: Session, pairs: Sequence[tuple[Stored, Draft]], language: str
) -> dict[UUID, Told]:
    """Why each draft's sum is another than its last invoice's, by the id of the group.

    The reasons are those that the invoice itself will tell; their amounts add up.
    """
    lines = [line for before, now in pairs for line in (*before.lines, *now.lines)]
    meters = metered(session, lines).meters
    plans = papers.plan_items(session, list({line.item_id for line in lines}))
    codes = {own: meter.code for own, meter in meters.items()}
    of_plans = {own: OfPlan(one.subscription_id, one.plan) for own, one in plans.items()}
    products, coupons = invoices.product_names(session), coupon_names(session)
    called = Called(
        {own: name_in(names, language) for own, names in products.items()},
        {meter.code: meter_view(meter, language) for meter in meters.values()},
        {one.plan: name_in(one.names, language) for one in plans.values()},
        {code: name_in(names, language) for code, names in coupons.items()},
    )
    told: dict[UUID, Told] = {}
    for before, now in pairs:
        invoice = before.invoice
        tax_minor = 0 if invoice.includes_tax else now.totals.tax_minor - invoice.tax_minor
        reasons = compare(
            *(before.lines, now.lines, invoice.currency),
            meters=codes,
            plans=of_plans,
            tax_change_minor=tax_minor,
        )
        tongue = Tongue(language, invoice.currency)
        told[invoice.billing_group_id] = tuple(
            [(reason_text(one, called, tongue), one.amount_minor) for one in reasons]
        )
    return told
