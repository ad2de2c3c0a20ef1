"""Colour over time: optical flow, shots, and stability."""
