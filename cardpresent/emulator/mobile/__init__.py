"""What a Terminal SDK talks to: Stripe on one side, a reader beside the device on the other."""
