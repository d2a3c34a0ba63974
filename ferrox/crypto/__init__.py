"""Bytes under keys; pure."""
