"""Running a network: the ONNX session, the predictor, and the propagation of hints."""
