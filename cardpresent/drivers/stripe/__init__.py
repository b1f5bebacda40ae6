"""How the suite reaches Stripe: the official SDK."""
