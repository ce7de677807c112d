"""The operations: what can change in a schema, as values, and the ``op`` facade that makes them."""
