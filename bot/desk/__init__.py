"""The officials' desk: a second Telegram bot with a token of its own, by python-telegram-bot.

The citizens' token opens nothing here. `access` says who may; `reading`, `replying` and
`enrolling` are what they may; `pushing` is what comes by itself; `service` starts and stops it.
"""
