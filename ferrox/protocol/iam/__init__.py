"""What IAM takes and gives: shapes, one module per noun, and the table of its operations."""
