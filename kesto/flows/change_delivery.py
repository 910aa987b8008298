"""Change delivery: by which server a merchant's messages leave, and how they look."""

from datetime import datetime
from uuid import UUID

from msgspec import structs

from kesto.adapters.files import checks
from kesto.core.refusals import Invalid, Refused, RefusedTogether
from kesto.store import audit, delivery, messages
from kesto.store.delivery import DeliverySetting
from kesto.store.session import writing

SECURITIES = ("none", "starttls", "tls")
LAST_PORT = 65_535
LAST_HOUR = 23


def change_delivery(
    merchant_id: UUID, wanted: DeliverySetting, now: datetime, actor: str, *, due_at: datetime
) -> DeliverySetting:
    """Let messages leave this way from now on; those that waited for it are due at `due_at`.

    Raises RefusedTogether with a refusal for each field that is wrong.
    """
    setting = checked_delivery(wanted)
    with writing(merchant_id) as session:
        delivery.keep(session, setting)
        messages.due_again(session, due_at)
        audit.record(session, "change_delivery", structs.asdict(setting), now, actor)
    return setting


def checked_delivery(wanted: DeliverySetting) -> DeliverySetting:
    """The setting in its usual form. Raises RefusedTogether."""
    tidied = structs.replace(
        wanted,
        host=wanted.host.strip(),
        username=wanted.username.strip(),
        sender=wanted.sender.strip(),
        reply_to=wanted.reply_to.strip(),
    )
    refusals = [*_wrong(tidied)]
    if refusals:
        raise RefusedTogether(refusals)
    return tidied


def _wrong(setting: DeliverySetting) -> list[Refused]:
    refusals: list[Refused] = []
    if not setting.host or not checks.printable(setting.host) or " " in setting.host:
        refusals.append(Invalid("name the mail server", code="bad_host", field="host"))
    if not 1 <= setting.port <= LAST_PORT:
        refusals.append(Invalid(f"give 1 to {LAST_PORT}", code="bad_port", field="port"))
    if setting.security not in SECURITIES:
        refusals.append(
            Invalid(f"one of {', '.join(SECURITIES)}", code="bad_security", field="security")
        )
    for field, address in (("sender", setting.sender), ("reply_to", setting.reply_to)):
        if address or field == "sender":
            refusals += _bad_email(field, address)
    if not 0 <= setting.letters_from_hour <= LAST_HOUR:
        refusals.append(
            Invalid(f"give 0 to {LAST_HOUR}", code="bad_hour", field="letters_from_hour")
        )
    return refusals


def _bad_email(field: str, address: str) -> list[Refused]:
    try:
        is_good = bool(checks.email(address)) and address.isascii()
    except Invalid:
        is_good = False
    return [] if is_good else [Invalid("give an e-mail address", code="bad_email", field=field)]
