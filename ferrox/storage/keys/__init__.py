"""The keys of the server: under which stored bytes are sealed."""
