"""Reader and issuer faults, one file each. What happens on the wire between till and Stripe lives in the gateway."""
