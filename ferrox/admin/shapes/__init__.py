"""What endpoints take and give, one module for each family of nouns."""
