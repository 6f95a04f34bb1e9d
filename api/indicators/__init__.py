"""The seven indicators: what is asked for, the figures from the named queries, and how they are shown or exported."""
