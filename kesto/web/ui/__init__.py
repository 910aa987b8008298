"""The look and the parts of every page; docs/design-system.md says how to use them."""
