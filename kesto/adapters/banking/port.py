"""What Kesto needs of a bank's files, whatever their format."""

from typing import Protocol

from kesto.core.banking import BankFile


class StatementReader(Protocol):
    """Reads the account reports of one format."""

    def read(self, data: bytes) -> BankFile:
        """Return what is booked in a file; Invalid says where and why it can't be read."""
        ...
