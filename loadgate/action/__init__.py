"""The inputs of the GitHub Action in, job summary, annotations and outputs of a step out."""
