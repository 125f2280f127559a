"""Tests of the GitHub Action and of the workflows, run as a runner would run them."""
