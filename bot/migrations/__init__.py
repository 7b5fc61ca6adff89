"""Every step the tables ever took."""
