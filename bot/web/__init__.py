"""Pages and the web chat: Starlette, Jinja2, a small script, no build."""
