"""The crash harness: people speak through an edge while the city is killed again and again.

`people` says what they say and what must stand in the end; `platform` brings it, repeated and out
of order, until it is acknowledged; `city` is the process that is killed; `edges` are the ways in;
`defects` are mistakes that the harness must find, or it would prove nothing; `judge` compares.
"""
