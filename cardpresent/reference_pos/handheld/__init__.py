"""A till to carry around: an app with Stripe's Terminal SDK in it, which takes card payments without a network too."""
