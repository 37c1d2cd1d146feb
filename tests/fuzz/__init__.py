"""Fuzzing: inputs made from real payloads, and the demands that hold for every input."""
