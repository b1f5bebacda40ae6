"""A stateful emulator of Stripe Terminal with simulated readers."""
