"""A small, honest, server-driven till: the default system under test, and the example teams read."""
