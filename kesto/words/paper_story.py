"""Why a document's sum is what it is: beside the last one, and what a credit note did."""

from kesto.core.reasons import at_most
from kesto.words.paper import Bar, Bridge, Chart, Fact, Notice
from kesto.words.reasons import Called, reason_text
from kesto.words.tongue import Tongue
from kesto.words.views import CreditedView, InvoiceView, PreviousView

MOST_STEPS = 5
"""Rows for what changed on a sheet of paper; a screen has room for all of them."""

_LEAST_BARS = 3
_TALLEST = 1000


def bridge(view: InvoiceView, tongue: Tongue, *, has_room: bool = False) -> Bridge | None:
    """Return the steps from the last invoice's sum to this one's, or what a credit note took.

    Where there is room, all that changed has a row.
    """
    if view.credited is not None:
        return _credit_bridge(view, view.credited, tongue)
    if view.previous is None:
        return None
    most = len(view.previous.reasons) if has_room else MOST_STEPS
    return _change_bridge(view, view.previous, tongue, most)


def chart(view: InvoiceView, tongue: Tongue) -> Chart | None:
    """Return the sums of the latest invoices as a picture; a few are not worth one."""
    if len(view.history) < _LEAST_BARS:
        return None
    tallest_minor = max(past.total_minor for past in view.history) or 1
    last = len(view.history) - 1
    bars = tuple(
        Bar(
            label=str(past.issued_on.month),
            year=past.issued_on.year,
            share=_TALLEST * past.total_minor // tallest_minor,
            is_marked=place == last,
        )
        for place, past in enumerate(view.history)
    )
    told = "; ".join(
        f"{tongue.day(past.issued_on)} {tongue.minor(past.total_minor)}" for past in view.history
    )
    alt = tongue.say("latest_invoices_alt", bars=told)
    printed = tongue.figure(view.history[last].total_minor)
    return Chart(tongue.head("latest_invoices", ", "), alt, printed, bars)


def to_do(view: InvoiceView, tongue: Tongue) -> Notice | None:
    """Return what a credit note asks of its reader: nothing, and where the money is."""
    if view.credited is None:
        return None
    credited = view.credited
    kept_minor = view.total_minor - credited.taken_minor
    key = "pay_nothing" if credited.taken_minor else "was_paid"
    if credited.left_minor:
        key = "pay_less"
    told = [tongue.say(key, number=view.credits, amount=tongue.minor(credited.left_minor))]
    if kept_minor:
        told.append(tongue.say("credit_is_kept", amount=tongue.minor(kept_minor)))
    return Notice(tongue.say("to_do"), " ".join(told))


def _change_bridge(view: InvoiceView, previous: PreviousView, tongue: Tongue, most: int) -> Bridge:
    before = tongue.say(
        "previous_invoice", number=previous.number, day=tongue.day(previous.issued_on)
    )
    steps = at_most(most, previous.reasons)
    called = Called(previous.names, previous.meters, previous.plans, previous.coupons)
    return Bridge(
        title=tongue.say("why_changed" if steps else "not_changed"),
        before=Fact(before, tongue.minor(previous.total_minor)),
        steps=tuple(
            Fact(reason_text(step, called, tongue), tongue.change(step.amount_minor))
            for step in steps
        ),
        after=Fact(tongue.say("this_invoice"), tongue.minor(view.total_minor)),
    )


def _credit_bridge(view: InvoiceView, credited: CreditedView, tongue: Tongue) -> Bridge:
    before = tongue.say("credited_invoice", number=view.credits, day=tongue.day(credited.issued_on))
    taken = {
        "paid_before": -credited.paid_minor,
        "credited_before": -credited.credited_minor,
        "this_credit": -credited.taken_minor,
    }
    return Bridge(
        title=tongue.say("what_happened", number=view.credits),
        before=Fact(before, tongue.minor(credited.total_minor)),
        steps=tuple(
            Fact(tongue.say(key), tongue.change(minor)) for key, minor in taken.items() if minor
        ),
        after=Fact(tongue.say("left_to_pay"), tongue.minor(credited.left_minor)),
    )
