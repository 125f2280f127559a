"""What the keepers of a rules file read: explanations, drafts, findings, examples."""
