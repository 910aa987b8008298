"""Keep an address: it goes to the people, and a command goes on with its id alone."""

from datetime import datetime

from kesto.core.changes import ChangeAddress, Command
from kesto.core.changes.delivery import check_address
from kesto.core.customers import Person
from kesto.core.ids import shown
from kesto.store.deliveries import add_address
from kesto.store.session import Session
from kesto.store.shop import Party


def keep_address(session: Session, found: Party, command: Command, now: datetime) -> Command:
    """The same command without the address in it, so that nothing else stores people's data.

    Raises Invalid for an address that is none.
    """
    if not isinstance(command, ChangeAddress) or command.is_own or command.address:
        return command
    check_address(command)
    person = Person(
        command.name.strip(),
        phone=command.phone.strip(),
        street=command.street.strip(),
        postal_code=command.postal_code.strip(),
        city=command.city.strip(),
        country=command.country,
    )
    own = add_address(session, found.id, person, now)
    return ChangeAddress(
        address=shown("delivery_address", own), on=command.on, waives_terms=command.waives_terms
    )
