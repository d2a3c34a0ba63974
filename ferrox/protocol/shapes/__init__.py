"""Inputs and outputs of the operations: one module per resource, named as in the API reference."""
