"""What option hedgers hold, measured from public chains: gamma, its flip, its strikes, its decay.

Importing anything here costs NumPy and no more; slower libraries are loaded by
the functions that need them.
"""
