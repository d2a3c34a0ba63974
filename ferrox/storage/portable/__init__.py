"""Settings as one document that another data directory can take in."""
