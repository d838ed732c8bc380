"""Reading source text without running it: what it reaches for, and what it hides."""
