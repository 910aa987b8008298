"""What subscribers are told about their contract, in English."""

NOTICES: dict[str, str] = {
    "title": "Notice",
    "subscribed_subject": "{seller}: your subscription {plan}",
    "subscribed_lead": "Thank you for your order. This is what you ordered and from when.",
    "changed_subject": "{seller}: a change of your subscription {plan}",
    "changed_lead": "We confirm a change of your subscription {plan}.",
    "cancelled_subject": "{seller}: your subscription {plan} ends on {last}",
    "cancelled_lead": (
        "We confirm your notice. The last day of your subscription {plan} is {last}. Until then"
        " you can take the notice back on your own pages."
    ),
    "trial_ends_subject": "{seller}: your trial ends on {last}",
    "trial_ends_lead": (
        "The trial of your subscription {plan} ends on {last}. From {day} on it costs {price}. If"
        " you do not want to go on, cancel it on your own pages."
    ),
    "term_ends_subject": "{seller}: your subscription {plan} ends on {last}",
    "term_ends_lead": (
        "Your subscription {plan} was made until {last}. It then ends by itself; you need not do"
        " anything."
    ),
    "term_renews_subject": "{seller}: your subscription {plan} renews on {day}",
    "term_renews_lead": (
        "The term of your subscription {plan} ends on {last}. A new term begins on {day}, runs"
        " until {until} and costs {price}. If you do not want it, give notice on your own pages by"
        " {leave_by}."
    ),
    "discount_ends_subject": "{seller}: your discount {discount} ends on {last}",
    "discount_ends_lead": (
        "Your discount {discount} ends on {last}. From {day} on "
        "your subscription {plan} costs {price}."
    ),
    "pause_ends_subject": "{seller}: the pause of your subscription ends on {last}",
    "pause_ends_lead": (
        "The pause of your subscription {plan} ends on {last}. It goes on on {day} and costs"
        " {price}."
    ),
    "price_changes_subject": "{seller}: your subscription {plan} costs {price} from {day} on",
    "price_changes_lead": (
        "The price of your subscription {plan} changes. Until {last} it costs {before}, from {day}"
        " on {price}. If you do not agree, you may leave without any cost: give notice on your own"
        " pages by {leave_by}, and your subscription ends before the new price."
    ),
    "delivery_failed_subject": "{seller}: your delivery of {day} did not arrive",
    "delivery_failed_lead": (
        "Your delivery of {day} ({plan}) could not be handed over."
        " You see on your own pages how it goes on."
    ),
    "usage_reached_subject": "{seller}: {meter} has reached {limit}",
    "usage_reached_lead": (
        "The usage of your subscription {plan} ({meter}) has reached {limit} in the period that"
        " began on {day}. It was {used} when we wrote this. You are told because this"
        " threshold is set for your subscription."
    ),
    "share_of_included": "{share} % of what is included",
    "used": "Used",
    "comes_to": "Comes to",
    "from_day": "from",
    "price_then": "Price from {day}",
    "price_before": "Price until {last}",
    "leave_by": "Give notice at the latest on",
    "next_invoice": "Next invoice, {day}",
    "subscription": "Subscription",
    "written_on": "Written on",
    "open_subscription": "See your subscription",
    "without_vat": "{price} without VAT",
    "day_one": "{price} a day",
    "day_more": "{price} for {count} days",
    "week_one": "{price} a week",
    "week_more": "{price} for {count} weeks",
    "month_one": "{price} a month",
    "month_more": "{price} for {count} months",
    "year_one": "{price} a year",
    "year_more": "{price} for {count} years",
}
