"""How the weekly report is computed."""
