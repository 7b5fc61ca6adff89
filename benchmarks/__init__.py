"""Figures the project claims, each printed by a command anyone can run."""
