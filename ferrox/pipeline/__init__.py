"""From requests to answers: the order in which one is served, for each of the APIs."""
