"""What KMS can do: one module per noun, one function per operation."""
