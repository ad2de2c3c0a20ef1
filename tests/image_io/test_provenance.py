"""The XMP packet gains the source type and the network's name and loses nothing."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.image_io.metadata.xmp import COMPOSITE, add_provenance, join_packets, remove_placement, split_packet
from photochrom.image_io.metadata.xmp_history import add_history

EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
TIFF = "{http://ns.adobe.com/tiff/1.0/}"


def packet(body: str, attributes: str = "") -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<r:Description r:about="uuid:1" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" {attributes}>'
        f"{body}</r:Description></r:RDF></x:xmpmeta>"
    ).encode()


def values(data: bytes, name: str) -> list[str]:
    root = ET.fromstring(data)
    elements = [e.text or "" for e in root.iter(name)]
    return elements + [d.attrib[name] for d in root.iter(f"{RDF}Description") if name in d.attrib]


def mark(data: bytes | None) -> bytes:
    return add_provenance(data, system="photochrom (tiny)", version="photochrom 1")


def test_a_new_packet() -> None:
    made = mark(None)
    assert values(made, f"{EXT}DigitalSourceType") == [COMPOSITE]
    assert values(made, f"{EXT}AISystemUsed") == ["photochrom (tiny)"]
    assert values(made, "{http://ns.adobe.com/xap/1.0/}CreatorTool") == ["photochrom 1"]


@pytest.mark.parametrize(
    "data",
    [
        packet("<dc:title>a &lt; b</dc:title>"),
        packet("<e:DigitalSourceType>old</e:DigitalSourceType><dc:title>a &lt; b</dc:title>"),
        packet("<dc:title>a &lt; b</dc:title><e:DigitalSourceType/>"),
        packet("<dc:title>a &lt; b</dc:title>", 'e:DigitalSourceType="old" dc:format="x > y"'),
        packet("<dc:title>a &lt; b</dc:title>", "dc:format='\"' e:DigitalSourceType = 'old'"),
        packet("<!-- kept --><dc:title>a &lt; b</dc:title>"),
        packet("<dc:title>a &lt; b</dc:title>").decode().encode("utf-16"),
        b"\xef\xbb\xbf" + packet("<dc:title>a &lt; b</dc:title>") + b"\0\0",
    ],
)
def test_merging_keeps_all_else(data: bytes) -> None:
    made = mark(data)
    assert values(made, f"{EXT}DigitalSourceType") == [COMPOSITE]
    assert values(made, "{http://purl.org/dc/elements/1.1/}title") == ["a < b"]
    assert {d.attrib[f"{RDF}about"] for d in ET.fromstring(made).iter(f"{RDF}Description")} == {"uuid:1"}
    assert (b"<!-- kept -->" in made) == (b"<!-- kept -->" in data)
    again = mark(made)
    assert values(again, f"{EXT}DigitalSourceType") == [COMPOSITE]
    assert mark(again) == again


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0",
        b"not xml",
        b"<a>",
        packet("<b>")[:-9],
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + packet("<dc:title>&b;</dc:title>"),
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
        b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_packet_is_replaced(data: bytes) -> None:
    assert values(mark(data), f"{EXT}DigitalSourceType") == [COMPOSITE]


def test_placement_is_taken_out() -> None:
    as_element = packet("<tiff:Orientation>6</tiff:Orientation><dc:title>t</dc:title>")
    as_attribute = packet("<dc:title>t</dc:title>", 'tiff:Orientation="6"')
    for data in (as_element, as_attribute):
        made = remove_placement(data)
        assert not values(made, f"{TIFF}Orientation")
        assert values(made, "{http://purl.org/dc/elements/1.1/}title") == ["t"]


def test_a_large_packet_is_split_and_joined() -> None:
    made = mark(packet(f"<dc:title>{'long ' * 30000}</dc:title>"))
    main, extended, guid = split_packet(made, 65000)
    assert len(main) < 65000
    assert values(main, f"{EXT}DigitalSourceType") == [COMPOSITE]
    assert guid.encode() in main
    joined = join_packets(main, extended)
    assert values(joined, f"{EXT}DigitalSourceType") == [COMPOSITE]
    assert values(joined, "{http://purl.org/dc/elements/1.1/}title") == ["long " * 30000]
    assert b"HasExtendedXMP" not in joined
    assert split_packet(b"small", 65000) == (b"small", b"", "")


def test_a_large_packet_goes_through_a_jpeg() -> None:
    from dataclasses import replace

    import numpy as np

    from photochrom.image_io import read_picture

    picture = read_picture(np.zeros((8, 8, 3), np.uint8))
    large = packet(f"<dc:title>{'long ' * 30000}</dc:title>")
    picture = replace(picture, metadata=replace(picture.metadata, xmp=large)).with_colors(
        [picture.pages[0].pixels], model="m"
    )
    again = read_picture(picture.to_bytes("JPEG")).metadata.xmp
    assert again is not None
    assert values(again, "{http://purl.org/dc/elements/1.1/}title") == ["long " * 30000]
    assert values(again, f"{EXT}DigitalSourceType") == [COMPOSITE]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data())
def test_a_mutated_packet_never_breaks_anything(data: Any) -> None:
    start = bytearray(
        packet("<e:DigitalSourceType>old</e:DigitalSourceType><dc:title>t</dc:title>", 'e:AISystemUsed="x"')
    )
    for _ in range(data.draw(st.integers(1, 5))):
        start[data.draw(st.integers(0, len(start) - 1))] = data.draw(st.sampled_from(b"<>/\"' :=&ax\0\xff"))
    made = mark(bytes(start))
    assert COMPOSITE in values(made, f"{EXT}DigitalSourceType")
    ET.fromstring(made)


HISTORY = "{http://ns.adobe.com/xap/1.0/mm/}History"
EVENT = "{http://ns.adobe.com/xap/1.0/sType/ResourceEvent#}"
MEDIA = 'xmlns:m="http://ns.adobe.com/xap/1.0/mm/" xmlns:s="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"'


def events(data: bytes) -> list[tuple[str | None, str | None]]:
    """Action and program of each event of a packet's only history, in order."""
    (history,) = ET.fromstring(data).iter(HISTORY)
    (array,) = history
    assert array.tag == f"{RDF}Seq"
    return [(each.get(f"{EVENT}action"), each.get(f"{EVENT}softwareAgent")) for each in array]


@pytest.mark.parametrize(
    ("body", "earlier"),
    [
        ("<dc:title>a</dc:title>", 0),
        ('<m:History><r:Seq><r:li s:action="created" s:softwareAgent="scan"/></r:Seq></m:History>', 1),
        ("<m:History><r:Seq/></m:History><dc:title>a</dc:title>", 0),
        ('<m:History><r:Seq><r:li s:action="created" s:softwareAgent="scan"/>\n </r:Seq ></m:History><m:x/>', 1),
    ],
)
def test_an_event_goes_to_the_end_of_the_history(body: str, earlier: int) -> None:
    made = add_history(packet(body, MEDIA), parameters='"a" & <b>', agent="photochrom 1")
    twice = add_history(made, parameters="more", agent="photochrom 2")
    old = [("created", "scan")] * earlier
    assert events(made) == [*old, ("edited", "photochrom 1")]
    assert events(twice) == [*old, ("edited", "photochrom 1"), ("edited", "photochrom 2")]
    assert b"<dc:title>a</dc:title>" in made or "title" not in body
    assert events(mark(made)) == events(made)


@pytest.mark.parametrize("data", [b"no XMP", packet("<m:History>text</m:History>", MEDIA)])
def test_a_history_that_is_none_stays(data: bytes) -> None:
    assert add_history(data, parameters="", agent="") == data
