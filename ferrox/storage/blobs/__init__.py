"""Immutable byte strings on disk, each self-describing and verified on every read."""
