"""The Discord bot: what was published, asked for where people talk.

Nothing is computed here. The channel in `bot.channels.discord` posts the note through the
outbox; the commands read it back from the ledger.
"""
