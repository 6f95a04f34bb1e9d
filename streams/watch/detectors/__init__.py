"""The detectors, one a module: what is stored in, conditions out. Pure; ``streams.watch.watch`` lists and runs them."""
