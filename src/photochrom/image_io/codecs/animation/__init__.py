"""GIF and WebP, their frames included."""
