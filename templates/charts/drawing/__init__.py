"""What all charts share: their facts, their colours, rows of bars, and the way to a picture."""
