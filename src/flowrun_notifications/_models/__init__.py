"""The content of a run: typed, immutable models. They do not know how a run travels."""
