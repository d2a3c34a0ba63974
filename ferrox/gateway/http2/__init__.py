"""HTTP/2, for clients that ask for it when they agree on TLS; loaded with the first of them."""
