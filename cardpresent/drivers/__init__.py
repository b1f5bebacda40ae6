"""How a till is worked and how Stripe is reached."""
