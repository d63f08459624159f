"""Statistics against published or hand-computed figures."""
