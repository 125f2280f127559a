"""Tests of what collects runs for the weekly report."""
