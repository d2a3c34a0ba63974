"""S3 on the wire: pure functions, no I/O."""
