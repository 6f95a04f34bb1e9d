"""What the containers mount, and the check of it all: ``python -m docker.check`` (``make compose-check``)."""
