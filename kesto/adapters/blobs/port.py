"""What Kesto needs of a place for bytes that are kept as they were delivered."""

from typing import Protocol
from uuid import UUID


class BlobStore(Protocol):
    """Keeps bytes by their own hash, for each merchant apart; equal bytes are kept once."""

    def put(self, merchant_id: UUID, data: bytes) -> bytes:
        """Keep bytes for good and return their SHA-256; keeping them again changes nothing."""
        ...

    def get(self, merchant_id: UUID, sha256: bytes) -> bytes:
        """Return the bytes of a hash; NotFound when there are none, Conflict when damaged."""
        ...

    def exists(self, merchant_id: UUID, sha256: bytes) -> bool:
        """Whether bytes of a hash are kept."""
        ...
