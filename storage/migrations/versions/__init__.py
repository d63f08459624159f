"""One file per migration: `0001_what.py`."""
