"""Statistics over what billing knows: read, never written back. Floats live here and only here."""
