"""Rejected rows through the pipeline once more, after a rule, a code map or the standard has changed.

``plan`` says which messages of rejected rows there are and which of them can be redriven, ``envelope`` makes the
message that is published (pure), ``jobs`` publishes part after part and keeps how far it is. What the pipeline does
with such a message: ``streams/redriven.py``.
"""
