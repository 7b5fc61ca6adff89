"""The note by mail: how a message is made, how it is handed to a relay, and what comes back.

`bot.channels.mail` is the channel the outbox drives. Everything here is one step of it: the
address, the message, the line to the relay, the meaning of an answer, the bounce.
"""
