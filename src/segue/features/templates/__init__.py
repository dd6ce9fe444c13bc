"""Templates: their text, their tokens, and what becomes of them for one contact."""
