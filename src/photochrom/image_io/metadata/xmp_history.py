"""Adds what was done to a picture to the history in its XMP packet.

XMP Specification, Part 2, Additional Properties (2016): ``xmpMM:History``, an ordered array of ``ResourceEvent``, to
whose end new events are appended.
"""

import html
import re

from photochrom.image_io.metadata.xmp import RDF, quote, scan_packet, to_utf8

__all__ = ["add_history"]

_MEDIA, _EVENT = "http://ns.adobe.com/xap/1.0/mm/", "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
#: the end of an array, or an array that has none; its prefix is the packet's own
_ARRAY_END = re.compile(rb"</([\w.-]+):(?:Seq|Bag)\s*>|<([\w.-]+):(Seq|Bag)\s*/>")


def add_history(packet: bytes, *, parameters: str, agent: str) -> bytes:
    """Appends an event of editing to the history of a packet; what the packet said before stays.

    It has no time, so that the same photo gives the same file wherever and however often it is coloured.

    Args:
        packet: an XMP packet; one that cannot be read stays as it is.
        parameters: what was done, for people.
        agent: the program, with its version.
    """
    try:
        text = to_utf8(packet)
        scan = scan_packet(text)
    except (ValueError, UnicodeDecodeError):
        return packet
    said = {"action": "edited", "changed": "/content", "parameters": parameters, "softwareAgent": agent}
    values = " ".join(f'stEvt:{name}="{html.escape(value)}"' for name, value in said.items())
    spans = scan.properties.get(f"{_MEDIA} History", [])
    if not spans:
        entry = (
            f'<rdf:Description rdf:about={quote(scan.about)} xmlns:rdf="{RDF}" xmlns:xmpMM="{_MEDIA}"'
            f' xmlns:stEvt="{_EVENT}">\n  <xmpMM:History>\n    <rdf:Seq>\n      <rdf:li {values}/>\n    </rdf:Seq>\n'
            "  </xmpMM:History>\n</rdf:Description>\n"
        )
        return text[: scan.end] + entry.encode() + text[scan.end :]
    begin, stop = spans[-1]
    # the last end is that of the whole: an event may hold arrays too
    ends = list(_ARRAY_END.finditer(text, begin, stop))
    if not ends:
        return packet
    prefix = (ends[-1][1] or ends[-1][2]).decode()
    event = f'<{prefix}:li xmlns:stEvt="{_EVENT}" {values}/>'.encode()
    if ends[-1][1]:
        at = ends[-1].start()
        return text[:at] + event + text[at:]
    array = f"{prefix}:{ends[-1][3].decode()}".encode()
    at, behind = ends[-1].span()
    return text[:at] + b"<%s>%s</%s>" % (array, event, array) + text[behind:]
