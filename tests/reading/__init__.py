"""Tests of reading: from bytes to runs, other messages and errors."""
