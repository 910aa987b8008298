"""The JSON API for a merchant's own systems. It translates and decides nothing."""
