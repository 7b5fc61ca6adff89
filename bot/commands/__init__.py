"""Commands of the running desk: each a thin function, heavy imports inside."""
