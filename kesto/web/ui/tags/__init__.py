"""Template tags and filters; all are built in, so no template loads them."""
