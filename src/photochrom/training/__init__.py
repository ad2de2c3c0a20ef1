"""Networks in, better networks out: recipes, the Lightning task, checkpoints and the export to ONNX."""
