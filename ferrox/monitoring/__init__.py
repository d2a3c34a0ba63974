"""What whoever watches the server is told: gathered when it is asked for, and written down."""
