"""Seeded defects: the suite proven able to refuse."""
