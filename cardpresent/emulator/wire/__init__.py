"""Stripe's wire: how requests are read, and in which form they are answered."""
