"""The GitHub Action: its inputs, the check, and what GitHub shows of it."""
