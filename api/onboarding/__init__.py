"""Onboarding 接入: a test institution, what its messages come to, when it may apply, and who approves."""
