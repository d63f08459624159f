"""What was said: figures, protection, the summary as data, and its renderers. Pure."""
