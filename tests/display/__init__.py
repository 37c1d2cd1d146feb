"""Tests of how people and other programs see runs."""
