"""The shell: channels, delivery, pages, the command line. The only room that wires things."""
