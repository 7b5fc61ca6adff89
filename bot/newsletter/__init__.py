"""The newsletter's readers: how they come, what they chose, what they get, how they leave.

The pages stand in `bot.pages`, the way a mail takes in the mail channel. What is kept of a reader
and every query on it stand in `bot.ledger`.
"""
