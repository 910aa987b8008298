"""Readers of the files that a merchant hands in: a price list and a list of customers.

Pure functions from bytes to core values; a file with anything wrong in it is refused whole,
with everything that is wrong.
"""
