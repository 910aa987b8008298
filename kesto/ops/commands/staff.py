"""`kesto staff`: who works in the office; the first owner comes in this way."""

import secrets
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from django.conf import settings

from kesto.adapters.files import checks
from kesto.core.refusals import Invalid, NotFound
from kesto.core.staff import ROLES, known_role
from kesto.flows.invite_staff import invite_staff, renew_staff_link
from kesto.ops import clock, console
from kesto.ops.commands.bill import ACTOR
from kesto.ops.desk import desk
from kesto.store import staff
from kesto.store.session import reading

TOKEN_BYTES = 32
PATH = "/office/welcome/"

app = typer.Typer(help="Invite staff to the office, or list them.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address they sign in with.")]
MerchantCode = Annotated[str, typer.Option(help="The merchant's code.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def invite(
    email: Email,
    *,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")] = "owner",
    name: Annotated[str, typer.Option(help="Their name; without it the e-mail's.")] = "",
    language: Annotated[str, typer.Option(help="fi, sv or en.")] = "fi",
    merchant: MerchantCode = "",
    as_json: AsJson = False,
) -> None:
    """Print a one-time link with which somebody new chooses a password."""
    if language not in checks.LANGUAGES:
        raise Invalid("write one of: fi, sv, en", code="unknown_language", field="language")
    token = new_token()
    with desk(merchant) as at:
        invite_staff(
            at.merchant.id,
            name or email.partition("@")[0],
            email,
            known_role(role),
            language,
            token,
            clock.now(),
            ACTOR,
        )
        _show(email, token, as_json=as_json)


@app.command()
def link(
    email: Email,
    *,
    forget_codes: Annotated[
        bool, typer.Option("--forget-codes", help="The phone is lost: a new second factor too.")
    ] = False,
    merchant: MerchantCode = "",
    as_json: AsJson = False,
) -> None:
    """Print a new one-time link for somebody known, to choose another password."""
    token = new_token()
    with desk(merchant) as at:
        with reading(at.merchant.id) as session:
            member = staff.member_with_email(session, email)
        if member is None:
            raise NotFound(f"nobody on the staff has the e-mail {email}", field="email")
        renew_staff_link(
            *(at.merchant.id, member.id, token, clock.now(), ACTOR), forgets_codes=forget_codes
        )
        _show(email, token, as_json=as_json)


@app.command(name="list")
def list_staff(*, merchant: MerchantCode = "", as_json: AsJson = False) -> None:
    """List the staff of a merchant."""
    with desk(merchant) as at, reading(at.merchant.id) as session:
        members = staff.members(session)
    if as_json:
        console.show_json(
            [
                {
                    "email": member.email,
                    "name": member.name,
                    "role": member.role,
                    "state": member.state,
                    "second_factor": member.has_codes,
                    "signed_in_at": member.signed_in_at,
                }
                for member in members
            ]
        )
    elif members:
        rows = [(one.email, one.name, one.role, one.state) for one in members]
        console.show_table(("e-mail", "name", "role", "state"), rows)
    else:
        console.show_text("Nobody works in the office yet: kesto staff invite EMAIL")


def demo_link(merchant_id: UUID, email: str, now: datetime) -> str:
    """A link for the demo's owner, who is invited the first time; a new one each time."""
    token = new_token()
    with reading(merchant_id) as session:
        member = staff.member_with_email(session, email)
    if member is None:
        name = email.partition("@")[0].capitalize()
        invite_staff(merchant_id, name, email, "owner", "en", token, now, ACTOR)
    else:
        renew_staff_link(merchant_id, member.id, token, now, ACTOR)
    return address_of(token)


def new_token() -> str:
    """The secret of a one-time link: 256 bits of chance."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def address_of(token: str) -> str:
    """A one-time link as it is given to a person."""
    return f"{settings.KESTO_PUBLIC_URL}{PATH}{token}/"


def _show(email: str, token: str, *, as_json: bool) -> None:
    if as_json:
        console.show_json({"email": email, "link": address_of(token)})
        return
    console.show_text(address_of(token))
    console.say(f"This link lets {email} choose a password; it works once, for 72 hours.")
