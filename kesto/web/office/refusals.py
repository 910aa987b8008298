"""Refusals in the language of the page: a sentence for each code that the office can meet."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext

from kesto.core.refusals import Refused
from kesto.flows.sign_in import TooManyAttempts

TEXTS: Mapping[str, str | Promise] = {
    "above_limit": gettext_lazy(
        "This invoice is above what you may credit. Ask finance or an owner."
    ),
    "already_credited": gettext_lazy("This invoice has been credited already."),
    "bad_amount": gettext_lazy("Give a sum, such as 100.00."),
    "bad_bic": gettext_lazy("This is no bank’s code (BIC). It has 8 or 11 characters."),
    "bad_business_id": gettext_lazy("This is no business ID. A Finnish one looks like 2915046-7."),
    "bad_due_days": gettext_lazy("Give 1 to 90 days."),
    "bad_email": gettext_lazy("This is no e-mail address. Write one such as name@example.com."),
    "bad_host": gettext_lazy("Name the mail server, such as smtp.example.com."),
    "bad_hour": gettext_lazy("Give an hour from 0 to 23."),
    "bad_iban": gettext_lazy("This is no account number (IBAN). Check its digits."),
    "bad_month": gettext_lazy("This is no month. Write it as 2026-10."),
    "bad_name": gettext_lazy("This is no name. Write it on one line, up to 200 characters."),
    "bad_port": gettext_lazy("Give a port from 1 to 65535."),
    "bad_text": gettext_lazy("Write it on one line, up to 200 characters."),
    "bad_vat_id": gettext_lazy("This is no VAT number. Write it with the country’s letters."),
    "disabled": gettext_lazy("Somebody who is disabled gets no link. Enable them first."),
    "email_taken": gettext_lazy("Somebody with this e-mail is a user already."),
    "last_owner": gettext_lazy(
        "This is the only owner who can sign in. Make somebody else an owner first."
    ),
    "link_void": gettext_lazy(
        "This link has been used or its time has run out. Ask an owner for a new one."
    ),
    "message_not_unknown": gettext_lazy("What became of this message is known already."),
    "missing": gettext_lazy("This is missing."),
    "month_closed": gettext_lazy("The books are closed for this day already."),
    "month_open": gettext_lazy("The month is not over yet."),
    "not_come": gettext_lazy("This day has not come yet."),
    "not_waiting": gettext_lazy("This payment does not wait any more. Somebody has settled it."),
    "other_currency": gettext_lazy("The payment and the invoice are in different currencies."),
    "password_common": gettext_lazy("This password is on lists of common ones. Choose another."),
    "password_long": gettext_lazy("Choose a password of at most 128 characters."),
    "password_short": gettext_lazy("Choose a password of at least 12 characters."),
    "run_asked": gettext_lazy("A billing run is waiting to begin already."),
    "sign_in_failed": gettext_lazy("E-mail and password do not fit. Check both."),
    "unbilled": gettext_lazy("Something due in this month is not billed yet. Bill it first."),
    "unknown_account": gettext_lazy("The file is about an account that is none of yours."),
    "unknown_customer": gettext_lazy("There is no such customer."),
    "unknown_invoice": gettext_lazy("There is no such invoice. A number looks like 2026-000123."),
    "unknown_role": gettext_lazy("There is no such role."),
    "unknown_run": gettext_lazy("There is no such billing run."),
    "unknown_staff": gettext_lazy("There is no such user."),
    "wrong_code": gettext_lazy(
        "This code is not the right one, or it was used before. Wait for the next one."
    ),
    "wrong_password": gettext_lazy("This is not your password now."),
}


def refusal_text(refusal: Refused) -> str:
    """What a refusal says to a person."""
    if isinstance(refusal, TooManyAttempts):
        return ngettext(
            "Too many attempts. Wait %(n)d second and try again.",
            "Too many attempts. Wait %(n)d seconds and try again.",
            refusal.seconds,
        ) % {"n": refusal.seconds}
    known = TEXTS.get(refusal.code)
    return str(known) if known else gettext("This could not be done. Nothing was changed.")
