"""Alerts over websockets: who listens, what they have missed, and bytes that are made once for all of them."""
