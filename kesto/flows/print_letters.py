"""Print letters: the day's letters become one file for the printer, once a day."""

from collections import Counter
from functools import partial
from uuid import UUID

from kesto.adapters.channels.port import PrintedLetter
from kesto.core.calendar import known_zone, local_date
from kesto.flows.mailroom import TOPICS, Mailroom, Sender
from kesto.store import letters
from kesto.store.session import crash_point, reading, writing


def print_letters(merchant_id: UUID, room: Mailroom, sender: Sender) -> int:
    """Make the day's batch when its time has come, or finish one that was left; how many letters.

    It is made when nothing is on its way any longer, from the merchant's hour on. Which letters
    are in it is settled before the file is made: made again it is the same.
    """
    _begin(merchant_id, room, sender)
    with writing(merchant_id) as session:
        batch = letters.take_batch(session, room.clock())
    if batch is None:
        return 0
    with reading(merchant_id) as session:
        found = letters.letters_of(session, batch.id)
    printed = room.letters.print_batch(
        sender.merchant.code,
        batch.made_on.isoformat(),
        [
            ("Merchant", f"{sender.name} ({sender.merchant.code})"),
            ("Day", batch.made_on.isoformat()),
            ("Letters", str(len(found))),
            *(
                (f"In {language}", str(count))
                for language, count in sorted(Counter(one.language for one in found).items())
            ),
            ("Order", "As in the list of addresses, by town"),
        ],
        [
            PrintedLetter(
                one.number,
                tuple(one.address.split("\n")),
                one.language,
                partial(room.blobs.get, merchant_id, one.document_sha256),
            )
            for one in found
        ],
    )
    crash_point("deliver.letters_printed")
    with writing(merchant_id) as session:
        now = sender.merchant.clock_at or room.clock()
        return letters.finish_batch(
            session, batch.id, printed.pages, printed.pdf_sha256, printed.list_sha256, now
        )


def _begin(merchant_id: UUID, room: Mailroom, sender: Sender) -> None:
    local = sender.now.astimezone(known_zone(sender.zone))
    if local.hour < sender.letters_from_hour:
        return
    with writing(merchant_id) as session:
        if letters.is_idle(session, TOPICS):
            made_on = local_date(sender.now, sender.zone)
            letters.begin_batch(session, made_on, sender.now, room.clock())
