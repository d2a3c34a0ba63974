"""How much, by whom, and why not: rate limits, the audit log, the refusals and their reasons."""
