"""Who may do what: people and machines, their roles and rights, sessions and tokens, and the log of what they did."""
