"""Tests of `flowrun_notifications.testing`."""
