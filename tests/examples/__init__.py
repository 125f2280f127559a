"""The examples, as a reader runs them."""
