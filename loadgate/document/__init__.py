"""Result documents: written from a verdict, and read back as the summary of a run."""
