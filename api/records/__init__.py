"""The record view: everything of one visit, each row with its findings beside it."""
