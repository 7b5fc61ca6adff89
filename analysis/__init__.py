"""Numbers in, readings out: no network outside ``sources``, no clock, no environment, no words."""
