"""Ways to steer a colouring: variations, suggested colours, reference photos."""
