"""The desk's memory: what was written, what was sent to whom, and what became of it.

Every query stands in this package. A caller opens a `Ledger`, takes a transaction from
``ledger.read()`` or ``ledger.write()``, and hands it to the functions of the modules here, so
that several of them can share one commit.
"""

from bot.ledger.database import Ledger, LedgerError, Transaction

__all__ = ["Ledger", "LedgerError", "Transaction"]
