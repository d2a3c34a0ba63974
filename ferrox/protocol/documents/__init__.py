"""What AWS accepts as a document of a bucket: one module per document, pure."""
