"""Pure functions from the journal to findings."""
