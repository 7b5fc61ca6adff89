"""All of the ledger's tables, for whoever has to see the whole."""

from bot.ledger import readers

metadata = readers.subscribers.metadata
