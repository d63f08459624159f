"""The citizens' WhatsApp number on Meta's Cloud API: a durable edge and a thin client of our own.

`webhooks` reads what Meta posts, one thing at a time; `webhook` is the door (handshake, signature,
bounded body); `edge` commits and only then lets the door answer; `channel` decides what may be
sent now and in which shape (`payloads`, `templates`); `client` posts it; `errors` says what Meta's
codes mean; `service` holds all of it together.
"""
