"""The five systems that photochrom grew from, and two that belong beside them."""
