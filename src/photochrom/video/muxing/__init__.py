"""Films put together: the picture, its tracks and what is said of them, in a container."""
