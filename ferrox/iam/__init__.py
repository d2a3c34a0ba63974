"""May they: policies and their evaluation. Pure."""
