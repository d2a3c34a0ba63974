"""What endpoints do, one module for each family of nouns."""
