"""Bootstrap intervals, paired tests, summaries and cost."""
