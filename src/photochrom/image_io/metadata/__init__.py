"""Metadata that survives byte for byte: EXIF, XMP, IPTC and what containers carry."""
