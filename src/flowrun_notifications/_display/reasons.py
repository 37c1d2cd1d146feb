"""What is told of a run, decided once; the renderers decide how it looks."""
