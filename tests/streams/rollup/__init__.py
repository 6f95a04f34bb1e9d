"""Tests of the rollup: sums of the ledger, facts of days."""
