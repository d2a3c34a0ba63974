"""ferrox: an S3-compatible object store that tells the truth."""

__version__ = "0.1.0"
