"""What STS takes and gives: shapes, and the table of its operations."""
