"""The formats of a verdict: a module for each, with a function `render`."""
