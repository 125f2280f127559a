"""Faults of the machine, with real processes: full disks, lost pipes, signals, missing rights."""
