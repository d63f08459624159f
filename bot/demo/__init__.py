"""The demo: a made-up city whose made-up people speak through the same path as real ones."""
