"""What happens beside the training: checkpoints, logs, plots and samples."""
