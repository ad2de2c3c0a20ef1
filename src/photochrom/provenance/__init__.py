"""What a result says of itself, and whether it is true: marks, C2PA signatures, and lightness against the original."""

from photochrom.provenance.lightness import LightnessReport, compare_lightness
from photochrom.provenance.signer import Signer, load_signer
from photochrom.provenance.verify import Finding, Verification, verify

__all__ = ["Finding", "LightnessReport", "Signer", "Verification", "compare_lightness", "load_signer", "verify"]
