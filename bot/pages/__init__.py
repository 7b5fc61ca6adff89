"""What readers see in a browser: the pages of the newsletter, and the application they stand in."""
