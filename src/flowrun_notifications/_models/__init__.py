"""What a run says: typed, immutable models. They do not know how a run travels."""
