"""The counters themselves; see :mod:`photochrom.web.middleware.metrics`."""

from prometheus_client import Counter, Gauge, Histogram

__all__ = ["BUSY", "COLORING", "REJECTED", "REQUESTS", "SECONDS", "WAITING"]

REQUESTS = Counter("photochrom_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "photochrom_request_seconds",
    "Time from a request's first byte to its answer's last.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2, 5, 10, 30, 120),
)
REJECTED = Counter("photochrom_rejected", "Requests refused because the service is busy or full.", ["status"])
COLORING = Histogram(
    "photochrom_coloring_seconds",
    "Time at the bench: decoding, the network, colouring, encoding.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30),
)
BUSY = Gauge("photochrom_busy", "Pictures in work.", multiprocess_mode="livesum")
WAITING = Gauge("photochrom_waiting", "Requests that wait for a processor.", multiprocess_mode="livesum")
