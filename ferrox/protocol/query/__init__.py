"""The query protocol of AWS, in which IAM and STS speak: a form goes in, a document comes out."""
