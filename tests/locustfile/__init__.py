"""Tests of what is learned from locustfiles."""
