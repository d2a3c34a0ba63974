"""Migration: everything that another S3 holds is copied into a ferroxd, and compared with it."""
