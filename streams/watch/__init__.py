"""The watch: who must send what by when, what came, how good it is, and what is wrong now. See ``docs/watch.md``."""
