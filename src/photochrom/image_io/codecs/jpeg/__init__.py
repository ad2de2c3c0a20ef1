"""JPEG, and the files that hold several of them."""
