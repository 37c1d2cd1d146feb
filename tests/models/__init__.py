"""Tests of the models: how values read, and what a run answers."""
