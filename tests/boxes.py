"""A shop of boxes and papers in a town: what is delivered, beside the town's own price list."""

from pathlib import Path

from kesto.adapters.files.catalogue import read_catalogue
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store.ids import new_id
from tests.town import Town

BOXES = Path(__file__).with_name("boxes.toml").read_text("utf-8")


def opened(town: Town) -> Town:
    """Publish what is delivered, and answer the town."""
    offered = read_catalogue(BOXES.encode(), "boxes.toml", new_id)
    publish_catalogue(town.merchant_id, offered, town.now)
    return town
