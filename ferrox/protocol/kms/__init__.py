"""The JSON API of KMS: its shapes, and how they stand on the wire."""
