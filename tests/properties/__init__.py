"""What must hold for any run, any rules file and any threshold."""
