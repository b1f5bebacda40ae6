"""Customers as they come to a shop: load on a till, whose verdict is money."""
