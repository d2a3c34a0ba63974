"""What IAM can do: one module per noun, one function per operation."""
