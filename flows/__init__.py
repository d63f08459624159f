"""The core: what a consultation is, and what happens when somebody says something.

Pure. It takes text and values; time, randomness and ids are arguments. No file, socket,
clock, database or framework is reached from here (import-linter holds it).
"""
