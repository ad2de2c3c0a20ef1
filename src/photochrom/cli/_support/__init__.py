"""What several commands share: output, signals, progress, and the words of their options."""
