"""The office: what a merchant's staff see and do."""
