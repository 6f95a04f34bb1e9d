"""What the live monitor shows, worked out once for all who look.

``reading`` asks ClickHouse for what has changed and keeps it as a ``board`` of all institutions; ``circle`` says which
of them somebody sees and has chosen; ``picture`` makes what such a circle shows, and what changed since the last time;
``pulse`` does this as long as somebody looks, and pushes it.
"""
