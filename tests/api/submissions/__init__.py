"""Tests of submissions: files, rules of the programme, the desk, and what becomes of a file."""
