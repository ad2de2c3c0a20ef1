"""Networks: the table of architectures and what they are made from."""
