"""The citizens' Telegram bot: a durable edge of our own, aiogram for everything that goes out.

`updates` reads one update at a time; `edge` commits it and only then acknowledges; `polling` and
`webhook` are the two ways in; `channel` sends; `profile` sets commands and descriptions.
"""
