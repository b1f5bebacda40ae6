"""Who does things in a scenario: cashier, customer, merchant, network, attacker."""
