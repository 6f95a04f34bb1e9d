"""Submissions: files of front pages, from the first byte uploaded to the row that says that they count now."""
