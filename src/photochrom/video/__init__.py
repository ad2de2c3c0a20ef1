"""Films: frames in and out, cuts, and colour that keeps still."""
