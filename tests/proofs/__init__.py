"""The proofs of docs/reliability.md, at a size that everybody can run; make prove: full size."""
