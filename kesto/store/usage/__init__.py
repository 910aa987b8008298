"""The event store: usage events are taken in once, counted in sums, and read one by one."""
