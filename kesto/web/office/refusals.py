"""Refusals in the language of the page: a sentence for each code that the office can meet.

A refusal without a code of its own is known by its kind and the field that it is about.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext

from kesto.core.refusals import Refused
from kesto.flows.sign_in import TooManyAttempts
from kesto.web.ui import change_refusals

TEXTS: Mapping[str, str | Promise] = {
    "bad_catalogue": gettext_lazy("This does not go together with the rest. Check it."),
    "bad_choice": gettext_lazy("Choose one of those that there are."),
    "bad_count": gettext_lazy("Give a whole number in a usual range."),
    "bad_decimal": gettext_lazy("Give a number, such as 12.50."),
    "bad_day": gettext_lazy("Give a day, such as 2026-12-31."),
    "bad_delivery": gettext_lazy("This does not go together with how often it is delivered."),
    "bad_dimension": gettext_lazy("Name one to six properties, each once."),
    "bad_plan": gettext_lazy("This does not go together with the rest of the plan. Check it."),
    "bad_price": gettext_lazy("This does not go together with this kind of price. Check it."),
    "bad_series": gettext_lazy("Give a price for each start, each start once."),
    "bad_step": gettext_lazy("This can’t have happened after what is written down already."),
    "bad_tiers": gettext_lazy("Tiers must rise, and only the last has no bound."),
    "too_early": gettext_lazy("This day is too far ahead. Mark it later."),
    "clock_backwards": gettext_lazy("A clock never runs backwards. Choose a later day."),
    "clock_moves": gettext_lazy("The clock is on its way already. Wait until it stands."),
    "clock_too_far": gettext_lazy("At most 400 days pass at once. Choose an earlier day."),
    "contradiction": gettext_lazy("This contradicts another field. Check both."),
    "coupon_changed": gettext_lazy("What a coupon gives can’t change. Make a new one."),
    "coupon_code_taken": gettext_lazy("Another coupon has this code."),
    "exists": gettext_lazy("This code is taken. Choose another."),
    "being_moved": gettext_lazy("Subscribers are being moved just now. Wait until that is done."),
    "feature_changed": gettext_lazy("What a feature is can’t change. Make a new one."),
    "meter_changed": gettext_lazy("What a meter counts can’t change. Make a new one."),
    "negative": gettext_lazy("This may not be below zero."),
    "not_positive": gettext_lazy("This must be above zero."),
    "already_known": gettext_lazy("This code is taken. Choose another."),
    "invalid_file": gettext_lazy(
        "This can’t be read. A time looks like 2026-12-01T00:00+02:00, a price like 0.0412."
    ),
    "off_grid": gettext_lazy("No interval of the series begins at this time."),
    "bad_time": gettext_lazy("This time lies too far away."),
    "other_price": gettext_lazy("This time has another price already, and that never changes."),
    "unpriced": gettext_lazy("Prices of some hours are missing. Give them, and it is made."),
    "unknown_price_series": gettext_lazy("There is no such price series."),
    "plan_too_large": gettext_lazy(
        "This has too many prices for the editor. Publish the next version from a file."
    ),
    "product_changed": gettext_lazy("This product is sold with another VAT rate. Name a new one."),
    "published_version_changed": gettext_lazy(
        "Somebody has published this version meanwhile. Open the plan and begin from it."
    ),
    "same_version": gettext_lazy("They have this version already. Choose another one."),
    "short_notice": gettext_lazy(
        "The settings ask for a longer notice. Give at least as many days."
    ),
    "too_large": gettext_lazy("This is more money than can be kept."),
    "too_many_decimals": gettext_lazy("This has more decimals than the currency."),
    "bad_expression": gettext_lazy(
        "This can’t be computed. Write such as: = properties.up + value / 1024."
    ),
    "twice": gettext_lazy("This is there twice."),
    "unknown_coupon": gettext_lazy("There is no such coupon."),
    "unknown_currency": gettext_lazy("There is no such currency. Write three letters, as EUR."),
    "unknown_model": gettext_lazy("There is no such kind of price."),
    "unknown_plan": gettext_lazy("There is no such plan."),
    "unknown_usage": gettext_lazy("This usage is not counted just now."),
    "no_usage_line": gettext_lazy("There is no such line of usage on the invoice."),
    "version_out_of_order": gettext_lazy(
        "Somebody has published a version meanwhile. Open the plan and begin from it."
    ),
    **change_refusals.TEXTS,
    "above_limit": gettext_lazy(
        "This invoice is above what you may credit. Ask finance or an owner."
    ),
    "not_reachable": gettext_lazy(
        "The customer has no address for this. Give one first, or choose another way."
    ),
    "above_credit": gettext_lazy("This is more than is left of what the customer paid."),
    "unknown_payout": gettext_lazy("This payout is paid already."),
    "above_gift_limit": gettext_lazy("This is more than you may give. Ask finance or an owner."),
    "expires_too_early": gettext_lazy("It would expire before it can be used. Give a later day."),
    "given_already": gettext_lazy("This credit is given already. Begin anew to give more."),
    "paid_never_expires": gettext_lazy(
        "What a customer has paid for never expires. Leave the day out."
    ),
    "paid_is_no_discount": gettext_lazy(
        "What a customer has paid for is money: it pays invoices, it is no discount."
    ),
    "comes_back_by_itself": gettext_lazy(
        "Used credit comes back with the lines that it came off. Choose those."
    ),
    "above_left": gettext_lazy("More than is left of it can’t be credited."),
    "already_credited": gettext_lazy("This invoice has been credited already."),
    "set_off": gettext_lazy("A later invoice took a part of it back. Credit it by lines."),
    "bad_amount": gettext_lazy("Give a sum, such as 100.00."),
    "bad_bic": gettext_lazy("This is not a valid bank code (BIC). It has 8 or 11 characters."),
    "bad_business_id": gettext_lazy(
        "This is not a valid business ID. A Finnish one looks like 2915046-7."
    ),
    "bad_days": gettext_lazy("Give 1 to 366 days."),
    "bad_due_days": gettext_lazy("Give 1 to 90 days."),
    "bad_email": gettext_lazy(
        "This is not a valid e-mail address. Write one such as name@example.com."
    ),
    "bad_usage_months": gettext_lazy("Give 13 to 600 months, or nothing."),
    "bad_grace_days": gettext_lazy("Give 0 to 30 days."),
    "bad_billing_days": gettext_lazy("Give days of the month, such as 1, 15."),
    "bad_host": gettext_lazy("Name the mail server, such as smtp.example.com."),
    "bad_hour": gettext_lazy("Give an hour from 0 to 23."),
    "bad_iban": gettext_lazy("This is not a valid account number (IBAN). Check its digits."),
    "bad_month": gettext_lazy("This is not a month. Write it as 2026-10."),
    "bad_name": gettext_lazy(
        "This name can’t be used. Write it on one line, up to 200 characters."
    ),
    "bad_port": gettext_lazy("Give a port from 1 to 65535."),
    "bad_quantity": gettext_lazy("Give a quantity above zero."),
    "bad_text": gettext_lazy("Write it on one line, up to 200 characters."),
    "bad_vat_id": gettext_lazy(
        "This is not a valid VAT number. Write it with the country’s letters."
    ),
    "damaged_blob": gettext_lazy(
        "The stored document is damaged. Ask whoever keeps the server to restore it."
    ),
    "bad_run_limit": gettext_lazy("Give zero or more, or leave it empty: no limit."),
    "decided_already": gettext_lazy(
        "Somebody has decided on this run already. Start billing again to have it decided anew."
    ),
    "disabled": gettext_lazy("A disabled user gets no link. Enable the user first."),
    "draft_changed": gettext_lazy("The draft has changed since it was shown. Look at it again."),
    "email_taken": gettext_lazy("Somebody with this e-mail is a user already."),
    "four_eyes": gettext_lazy(
        "You asked for this run. Somebody else who may start runs approves it."
    ),
    "is_written_off": gettext_lazy(
        "This invoice is written off. What is paid of it is recovered; nothing is credited."
    ),
    "issued_already": gettext_lazy("This invoice is issued already."),
    "long_note": gettext_lazy("Give a note of at most 500 characters."),
    "last_owner": gettext_lazy(
        "This is the only owner who can sign in. Make somebody else an owner first."
    ),
    "link_void": gettext_lazy(
        "This link has been used or its time has run out. Ask an owner for a new one."
    ),
    "message_not_unknown": gettext_lazy("What became of this message is known already."),
    "missing": gettext_lazy("This is missing."),
    "month_closed": gettext_lazy("The month is closed already."),
    "month_open": gettext_lazy("The month is not over yet."),
    "no_tax_relief": gettext_lazy(
        "The VAT on a loss can’t be taken back in this company’s country."
    ),
    "not_an_invoice": gettext_lazy("A credit note is not written off. Open its invoice."),
    "nothing_open": gettext_lazy("Nothing of this invoice is open any more."),
    "not_above_zero": gettext_lazy(
        "Give a sum above zero; corrections are credited with the rest."
    ),
    "not_come": gettext_lazy("This day has not come yet."),
    "not_waiting": gettext_lazy("This payment is not waiting any more. Somebody has settled it."),
    "external_id_taken": gettext_lazy("This number is taken. Give another."),
    "number_taken": gettext_lazy("This number is taken. Give another."),
    "other_currency": gettext_lazy("The payment and the invoice are in different currencies."),
    "password_common": gettext_lazy("This password is on lists of common ones. Choose another."),
    "password_long": gettext_lazy("Choose a password of at most 128 characters."),
    "password_short": gettext_lazy("Choose a password of at least 12 characters."),
    "run_asked": gettext_lazy("A billing run is waiting to begin already."),
    "run_waits": gettext_lazy("A billing run waits for approval. Decide on it first."),
    "run_open": gettext_lazy("A billing run is on its way. Wait until it is done."),
    "scope_not_yours": gettext_lazy(
        "Only who may start billing runs makes a key that approves them."
    ),
    "sign_in_failed": gettext_lazy("E-mail and password do not match. Check both."),
    "too_little_to_split": gettext_lazy("Too little is left to be split. Credit all that is left."),
    "unbilled": gettext_lazy("Something due in this month is not billed yet. Bill it first."),
    "unknown_account": gettext_lazy("The file is about an account that is not yours."),
    "unknown_approval": gettext_lazy("There is no such run to decide on."),
    "unknown_blob": gettext_lazy(
        "The stored document is missing. Ask whoever keeps the server to restore it."
    ),
    "unknown_customer": gettext_lazy("There is no such customer."),
    "unknown_draft": gettext_lazy(
        "No draft waits here any more. It was issued, or nothing is due."
    ),
    "unknown_invoice": gettext_lazy("There is no such invoice. A number looks like 2026-000123."),
    "unknown_key": gettext_lazy("There is no such key, or it is revoked already."),
    "unknown_message": gettext_lazy("There is no such message."),
    "unknown_payment": gettext_lazy("There is no receipt for this payment."),
    "unknown_product": gettext_lazy("There is no such product."),
    "unknown_role": gettext_lazy("There is no such role."),
    "unknown_run": gettext_lazy("There is no such billing run."),
    "unknown_staff": gettext_lazy("There is no such user."),
    "written_off": gettext_lazy("This invoice is written off already."),
    "wrong_code": gettext_lazy(
        "This code is not the right one, or it was used before. Wait for the next one."
    ),
    "wrong_password": gettext_lazy("This is not your current password."),
}
WITHOUT_CODE: Mapping[tuple[str, str], str | Promise] = {
    ("conflict", "invoice"): gettext_lazy("A credit note is not credited. Open its invoice."),
    ("conflict", "transaction"): gettext_lazy(
        "This is not money that came in, so it pays no invoice. Settle it with the bank."
    ),
    ("not_found", "billing_entity"): gettext_lazy("There is no such company."),
    ("not_found", "event"): gettext_lazy("This change does not lie ahead any more."),
    ("not_found", "group"): gettext_lazy(
        "This customer is not set aside any more. Somebody has decided already."
    ),
    ("not_found", "invoice"): gettext_lazy("The names on this invoice have been erased."),
    ("not_found", "product"): change_refusals.TEXTS["unknown_product"],
    ("not_found", "transaction"): gettext_lazy(
        "This payment is not waiting any more. Somebody has settled it."
    ),
}


def refusal_text(refusal: Refused) -> str:
    """What a refusal says to a person."""
    if isinstance(refusal, TooManyAttempts):
        return ngettext(
            "Too many attempts. Wait %(n)d second and try again.",
            "Too many attempts. Wait %(n)d seconds and try again.",
            refusal.seconds,
        ) % {"n": refusal.seconds}
    known = TEXTS.get(refusal.code) or WITHOUT_CODE.get((refusal.code, refusal.field))
    return str(known) if known else gettext("This could not be done. Load the page again.")
