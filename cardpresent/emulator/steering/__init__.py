"""The control API under /_emulator: what Stripe would never answer."""
