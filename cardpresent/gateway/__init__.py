"""Between the till and Stripe: records, faults, delivers webhooks."""
