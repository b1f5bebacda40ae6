"""The suite's own plugins. Everything they know stands in steps/."""

pytest_plugins = [
    "steps.collection",
    "steps.stage",
    "steps.recorder",
    "steps.sale",
    "steps.card",
    "steps.reader",
    "steps.network",
    "steps.tip",
    "steps.refund",
    "steps.webhook",
    "steps.books",
    "steps.day",
    "steps.fleet",
    "steps.power",
    "steps.access",
    "steps.receipt",
    "steps.cart",
    "steps.screen",
    "steps.register",
    "steps.floor",
]
