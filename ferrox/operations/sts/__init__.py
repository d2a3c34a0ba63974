"""What STS can do: who a caller is, and temporary credentials."""
