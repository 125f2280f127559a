"""Which gate is fooled by what: situations, contestants, and the tables of a page."""
