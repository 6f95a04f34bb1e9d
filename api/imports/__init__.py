"""Tables that people keep in Excel: what their columns mean, what is wrong with them, what they would change. Pure; the
routes read and write."""
