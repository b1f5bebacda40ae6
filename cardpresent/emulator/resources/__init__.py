"""One file per Stripe resource."""
