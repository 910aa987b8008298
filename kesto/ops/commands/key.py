"""`kesto key`: keys of the API for a merchant's own systems."""

from typing import Annotated

import typer

from kesto.core.api_keys import SCOPES, USUAL_SCOPES
from kesto.core.ids import shown
from kesto.flows.make_key import make_key
from kesto.flows.revoke_key import revoke_key
from kesto.ops import clock, console
from kesto.ops.commands.bill import ACTOR
from kesto.ops.desk import Desk, desk
from kesto.ops.short_ids import meant, short_ids
from kesto.store import api_keys
from kesto.store.api_keys import ApiKey
from kesto.store.session import reading

app = typer.Typer(help="Make, list or revoke keys of the API.", no_args_is_help=True)

MerchantCode = Annotated[str, typer.Option(help="The merchant's code.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def make(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which system it is for.")],
    *,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help=f"What it may do, once for each: {', '.join(SCOPES)}; default all but approve."
        ),
    ] = None,
    merchant: MerchantCode = "",
    as_json: AsJson = False,
) -> None:
    """Print a new key; it is shown only now."""
    with desk(merchant) as at:
        made = make_key(at.merchant.id, name, scope or USUAL_SCOPES, clock.now(), ACTOR)
    if as_json:
        console.show_json(
            {"id": shown("api_key", made.id), "name": made.name, "prefix": made.prefix}
            | {"key": made.key}
        )
    else:
        console.show_text(made.key)
        console.say("Keep this key now: it is not shown again, and only its hash is stored.")


@app.command(name="list")
def list_keys(*, merchant: MerchantCode = "", as_json: AsJson = False) -> None:
    """List the keys of a merchant by their beginnings."""
    with desk(merchant) as at:
        found = _keys(at)
    if as_json:
        console.show_json([_facts(key) for key in found])
    elif found:
        short = short_ids([key.id for key in found])
        rows = [
            (short[key.id], key.name, f"{key.prefix}...", " ".join(key.scopes), _state(key))
            for key in found
        ]
        console.show_table(("key", "name", "begins with", "may", "state"), rows)
    else:
        console.show_text("There are no keys yet: kesto key make NAME")


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id, from kesto key list.")],
    *,
    merchant: MerchantCode = "",
    as_json: AsJson = False,
) -> None:
    """Let a key open nothing any more, at once and for good."""
    with desk(merchant) as at:
        key_id = meant("api_key", key, lambda: [one.id for one in _keys(at)])
        revoked = revoke_key(at.merchant.id, key_id, clock.now(), ACTOR)
    if as_json:
        console.show_json(_facts(revoked))
    else:
        console.show_text(f"{revoked.prefix}... ({revoked.name}) is revoked.")


def _keys(at: Desk) -> list[ApiKey]:
    with reading(at.merchant.id) as session:
        return api_keys.keys(session)


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    return f"used {key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never used"


def _facts(key: ApiKey) -> dict[str, object]:
    return {
        "id": shown("api_key", key.id),
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "version": key.version,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }
