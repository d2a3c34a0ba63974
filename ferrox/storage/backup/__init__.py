"""Backups of data directories: made beside a running server, verified, and restored."""
