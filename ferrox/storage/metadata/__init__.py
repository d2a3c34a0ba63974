"""The index: which bytes have which names, kept in SQLite."""
