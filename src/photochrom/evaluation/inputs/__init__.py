"""What an evaluation compares: systems, their predictions, and the ground truth."""
