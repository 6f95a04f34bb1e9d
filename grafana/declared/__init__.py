"""The boards, one module each, and the order in which people find them."""
