"""What S3 can do: one module per resource, one function per operation."""
