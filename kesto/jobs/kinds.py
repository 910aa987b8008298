"""The kinds of jobs, and the flow that each calls."""

from collections.abc import Mapping

from kesto.jobs.runner import Kind

KINDS: Mapping[str, Kind] = {}
