"""Judging: from runs, rules and earlier runs to verdicts, for commands and Python alike."""
