"""Speed and memory, printed and never asserted: `make bench`. Proofs by force: `make prove`."""
