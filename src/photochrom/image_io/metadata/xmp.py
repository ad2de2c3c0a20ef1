"""Says in the XMP packet that the colour is synthetic and which network made it; all else in it stays, byte for byte.

IPTC Photo Metadata Standard 2025.1: ``DigitalSourceType`` and ``AISystemUsed`` of the IPTC Extension schema.
"""

import hashlib
import html
import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

__all__ = [
    "COMPOSITE",
    "RDF",
    "PacketScan",
    "add_provenance",
    "is_packet",
    "join_packets",
    "quote",
    "remove_placement",
    "remove_properties",
    "remove_provenance",
    "scan_packet",
    "split_packet",
    "to_utf8",
]

#: IPTC NewsCodes: a picture edited with a trained network
COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP = "http://ns.adobe.com/xap/1.0/"
NOTE = "http://ns.adobe.com/xmp/note/"
TIFF, EXIF = "http://ns.adobe.com/tiff/1.0/", "http://ns.adobe.com/exif/1.0/"

_OURS = {f"{IPTC_EXT} {name}" for name in ("DigitalSourceType", "AISystemUsed", "AISystemVersionUsed")}
_PLACEMENT = {f"{TIFF} {name}" for name in ("Orientation", "ImageWidth", "ImageLength")} | {
    f"{EXIF} {name}" for name in ("PixelXDimension", "PixelYDimension")
}
_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    f'<rdf:RDF xmlns:rdf="{RDF}">\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
).encode()


@dataclass
class PacketScan:
    """Where things stand in a packet, as byte offsets."""

    properties: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    attributes: list[tuple[int, str]] = field(default_factory=list)
    about: str = ""
    end: int = -1
    inside: tuple[int, int] = (-1, -1)
    outer: dict[str, str] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)


def to_utf8(packet: bytes) -> bytes:
    """Returns a packet in UTF-8, without a byte order mark."""
    for bom, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if packet.startswith(bom):
            return packet.decode(name).lstrip("\ufeff").encode()
    if packet[1:2] == b"\0" or packet[:1] == b"\0":
        return packet.decode("utf-16-le" if packet[1:2] == b"\0" else "utf-16-be").encode()
    return packet.strip(b"\0").removeprefix(b"\xef\xbb\xbf").lstrip()


def scan_packet(packet: bytes) -> PacketScan:
    """Finds the top-level properties. Raises ValueError where a packet is not XMP."""
    found = PacketScan()
    stack: list[tuple[str, int]] = []
    # where the element starts in which nothing has come yet
    bare = [-1]
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.ordered_attributes = True

    def start(name: str, attributes: list[str]) -> None:
        if name == f"{RDF} Description" and stack and stack[-1][0] == f"{RDF} RDF":
            pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
            found.about = pairs.get(f"{RDF} about", found.about)
            found.starts.append(parser.CurrentByteIndex)
            found.attributes += [(parser.CurrentByteIndex, key) for key in pairs]
        if name == f"{RDF} RDF":
            found.inside = (packet.index(b">", parser.CurrentByteIndex) + 1, -1)
        stack.append((name, parser.CurrentByteIndex))
        bare[0] = parser.CurrentByteIndex

    def end(name: str) -> None:
        _, begin = stack.pop()
        here = parser.CurrentByteIndex
        # expat stands before an end tag, but behind an element that has none
        empty = bare[0] == begin and packet[here - 2 : here] == b"/>"
        bare[0] = -1
        if name == f"{RDF} RDF" and found.end < 0:
            found.end, found.inside = here, (found.inside[0], here)
        elif [n for n, _ in stack[-2:]] == [f"{RDF} RDF", f"{RDF} Description"]:
            stop = here if empty else packet.index(b">", here) + 1
            found.properties.setdefault(name, []).append((begin, stop))

    def text(_: str) -> None:
        bare[0] = -1

    def declare(prefix: str | None, uri: str) -> None:
        if len(stack) < 2 and prefix:
            found.outer[prefix] = uri

    def refuse(*_: Any) -> None:
        raise ValueError("XMP has no document type")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, refuse
    parser.StartNamespaceDeclHandler = declare
    try:
        parser.Parse(packet, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from None
    if found.end < 0 or packet[found.end : found.end + 2] != b"</":
        raise ValueError("no rdf:RDF with an end")
    return found


def _remove(packet: bytes, names: set[str]) -> bytes:
    scan = scan_packet(packet)
    cuts = [span for name in names for span in scan.properties.get(name, [])]
    for at, key in scan.attributes:
        if key in names:
            cuts.append(_find_attribute(packet, at, key))
    for begin, stop in sorted(cuts, reverse=True):
        packet = packet[:begin] + packet[stop:]
    return packet


def _find_attribute(packet: bytes, at: int, key: str) -> tuple[int, int]:
    local = key.rpartition(" ")[2].encode()
    place = at
    while True:
        place = packet.index(b":" + local, place)
        rest = packet[place + 1 + len(local) :].lstrip()
        if rest[:1] == b"=":
            break
        place += 1
    begin = max(packet.rindex(c, at, place) for c in (b" ", b"\n", b"\t", b"\r") if c in packet[at:place])
    after = packet.index(b"=", place) + 1
    quote_at = after + len(packet[after:]) - len(packet[after:].lstrip())
    return begin, packet.index(packet[quote_at : quote_at + 1], quote_at + 1) + 1


def _prepare_packet(packet: bytes | None) -> bytes:
    if packet:
        try:
            text = to_utf8(packet)
            scan_packet(text)
            _remove(text, _OURS)
            return text
        except (ValueError, UnicodeDecodeError):
            pass
    return _EMPTY


def is_packet(packet: bytes) -> bool:
    """Tells whether bytes are an XMP packet that can be read."""
    try:
        scan_packet(to_utf8(packet))
    except (ValueError, UnicodeDecodeError):
        return False
    return True


def add_provenance(packet: bytes | None, *, system: str, version: str) -> bytes:
    """Adds the IPTC source type, the network's name and our version to an XMP packet.

    What the packet said before stays, except earlier values of the same properties. A packet that is not XML says
    nothing to any reader and is replaced.

    Args:
        packet: the source's packet or None.
        system: program and network, for people.
        version: the program's version.
    """
    text = _remove(_prepare_packet(packet), _OURS)
    about = scan_packet(text).about
    head = f'<rdf:Description rdf:about={quote(about)} xmlns:rdf="{RDF}" xmlns:Iptc4xmpExt="{IPTC_EXT}"'
    head += f' xmlns:xmp="{XMP}">\n'
    # what is left of an entry of ours
    text = re.sub(re.escape(head.encode()) + rb"\s*</rdf:Description>\n?", b"", text)
    scan = scan_packet(text)
    known = {key for _, key in scan.attributes} | set(scan.properties)
    system, version = (html.escape(words, quote=False) for words in (system, version))
    tool = "" if f"{XMP} CreatorTool" in known else f"\n  <xmp:CreatorTool>{version}</xmp:CreatorTool>"
    entry = (
        f"{head}"
        f"  <Iptc4xmpExt:DigitalSourceType>{COMPOSITE}</Iptc4xmpExt:DigitalSourceType>\n"
        f"  <Iptc4xmpExt:AISystemUsed>{system}</Iptc4xmpExt:AISystemUsed>\n"
        f"  <Iptc4xmpExt:AISystemVersionUsed>{version}</Iptc4xmpExt:AISystemVersionUsed>{tool}\n"
        "</rdf:Description>\n"
    ).encode()
    return text[: scan.end] + entry + text[scan.end :]


def quote(text: str) -> str:
    """Returns a text as the value of an attribute."""
    if not text:
        return '""'
    # it opens the network libraries
    from xml.sax.saxutils import quoteattr

    return quoteattr(text)


def remove_provenance(packet: bytes) -> bytes | None:
    """Takes what :func:`add_provenance` wrote out of a packet again; None where nothing else is in it."""
    try:
        text = _remove(to_utf8(packet), _OURS)
        left = scan_packet(text)
    except (ValueError, UnicodeDecodeError):
        return packet
    tool = f"{XMP} CreatorTool"
    ours = [span for span in left.properties.get(tool, []) if re.search(rb">photochrom [^<]*<", text[slice(*span)])]
    for begin, stop in sorted(ours, reverse=True):
        text = text[:begin] + text[stop:]
    # an entry that has nothing left
    text = re.sub(
        rb"<rdf:Description rdf:about=\"[^\"]*\"(?: xmlns:\w+=\"[^\"]*\")*>\s*</rdf:Description>\n?", b"", text
    )
    left = scan_packet(text)
    said = {key for _, key in left.attributes} - {f"{RDF} about"}
    return text if left.properties or said else None


def remove_placement(packet: bytes) -> bytes:
    """Takes orientation and pixel sizes out of a packet, for a picture that has been turned upright."""
    try:
        return _remove(to_utf8(packet), _PLACEMENT)
    except (ValueError, UnicodeDecodeError):
        return packet


def remove_properties(packet: bytes, names: set[str], *, namespaces: tuple[str, ...] = ()) -> tuple[bytes, set[str]]:
    """Takes properties out of a packet; returns it, and which of them it had.

    Args:
        packet: the packet; one that cannot be read stays as it is.
        names: namespace, a space, and the name.
        namespaces: those of which all properties go.
    """
    try:
        text = to_utf8(packet)
        scan = scan_packet(text)
        known = {key for _, key in scan.attributes} | set(scan.properties)
        found = {key for key in known if key in names or key.partition(" ")[0] in namespaces}
        return (_remove(text, found), found) if found else (packet, found)
    except (ValueError, UnicodeDecodeError):
        return packet, set()


def join_packets(packet: bytes, extended: bytes) -> bytes:
    """Joins a JPEG's main packet with its extended one (XMP part 3, 1.1.3.1)."""
    try:
        main = _remove(to_utf8(packet), {f"{NOTE} HasExtendedXMP"})
        more = to_utf8(extended)
        end, scan = scan_packet(main).end, scan_packet(more)
    except (ValueError, UnicodeDecodeError):
        return packet
    begin, stop = scan.inside
    # prefixes that were declared around the entries move into them
    declared = [(f"xmlns:{prefix}".encode(), uri) for prefix, uri in scan.outer.items()]
    for start in reversed(scan.starts):
        tag = more[start : more.index(b">", start)]
        missing = b"".join(b" %s=%s" % (name, quote(uri).encode()) for name, uri in declared if name not in tag)
        at = start + len(re.split(rb"[\s/>]", tag, maxsplit=1)[0])
        more = more[:at] + missing + more[at:]
        stop += len(missing)
    return main[:end] + more[begin:stop] + main[end:]


def split_packet(packet: bytes, limit: int) -> tuple[bytes, bytes, str]:
    """Splits a packet too large for one JPEG segment: (main with our entries, extended with all others, its MD5 GUID).

    The extended part and GUID are empty when the packet fits within ``limit`` bytes.
    """
    if len(packet) <= limit:
        return packet, b"", ""
    scan = scan_packet(packet)
    begin = packet.rfind(b"<rdf:Description", 0, scan.end)
    extended = packet[:begin] + packet[scan.end :]
    extended = extended[extended.index(b"<") :]
    if extended.startswith(b"<?xpacket"):
        extended = extended[extended.index(b"?>") + 2 :].lstrip()
        extended = extended[: extended.rfind(b"<?xpacket")].rstrip()
    guid = hashlib.md5(extended, usedforsecurity=False).hexdigest().upper()
    note = f'<rdf:Description rdf:about={quote(scan.about)} xmlns:xmpNote="{NOTE}" xmpNote:HasExtendedXMP="{guid}"/>\n'
    at = _EMPTY.index(b"</rdf:RDF>")
    return _EMPTY[:at] + packet[begin : scan.end] + note.encode() + _EMPTY[at:], extended, guid
