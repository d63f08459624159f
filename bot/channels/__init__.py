"""Channels: one file each. A channel decodes what arrives and sends what is due."""
