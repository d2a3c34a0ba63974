"""The only code that touches the disk; it knows no HTTP."""
