"""Tests of the formats of the weekly report."""
