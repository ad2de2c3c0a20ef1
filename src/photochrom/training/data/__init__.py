"""Training photos as batches."""
