"""Where photos, results and projects lie."""
