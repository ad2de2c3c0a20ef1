"""Results as people see them: a mark in the picture, the original beside it, and colour as a layer for editors."""
