"""The admin plane: what an operator asks and orders, as JSON, beside the API of S3."""
