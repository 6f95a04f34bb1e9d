"""The rule vocabulary of ``standard/model.py``, evaluated on frames: a batch of rows in, findings out."""
