"""Evil strings in every field of every input, through every output of every command."""
