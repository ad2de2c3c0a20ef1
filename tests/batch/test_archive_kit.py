"""What archives keep of a run: PREMIS and IIIF, read back by the standards' own rules."""

import hashlib
import json
import os
import shutil
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from photochrom import __version__
from photochrom.batch import colorize_files
from photochrom.batch.archive import Addresses, read_template, write_archive_kit
from photochrom.cli.main import main
from photochrom.errors import InputError, OptionError, OutputExistsError

SPACE = "{http://www.loc.gov/premis/v3}"
KIND = "{http://www.w3.org/2001/XMLSchema-instance}type"
#: what stands in an element of PREMIS 3.0, in this order: name, least and most; of the units that we write
CONTENT = {
    "premis": "object 1 *, event 0 *, agent 0 *",
    "object": "objectIdentifier 1 *, objectCharacteristics 1 *, originalName 0 1, relationship 0 *, "
    "linkingEventIdentifier 0 *",
    "objectCharacteristics": "fixity 0 *, size 0 1, format 1 *",
    "fixity": "messageDigestAlgorithm 1 1, messageDigest 1 1",
    "format": "formatDesignation 1 1",
    "formatDesignation": "formatName 1 1",
    "relationship": "relationshipType 1 1, relationshipSubType 1 1, relatedObjectIdentifier 1 *, "
    "relatedEventIdentifier 0 *",
    "event": "eventIdentifier 1 1, eventType 1 1, eventDateTime 1 1, eventDetailInformation 0 *, "
    "eventOutcomeInformation 0 *, linkingAgentIdentifier 0 *, linkingObjectIdentifier 0 *",
    "eventDetailInformation": "eventDetail 0 1",
    "eventOutcomeInformation": "eventOutcome 1 1, eventOutcomeDetail 0 *",
    "eventOutcomeDetail": "eventOutcomeDetailNote 1 1",
    "agent": "agentIdentifier 1 *, agentName 0 *, agentType 0 1, agentVersion 0 1, agentNote 0 *",
    **{
        f"{name}Identifier": f"{name}IdentifierType 1 1, {name}IdentifierValue 1 1{role}"
        for name, role in {
            **dict.fromkeys(("object", "event", "agent", "relatedObject", "relatedEvent", "linkingEvent"), ""),
            "linkingAgent": ", linkingAgentRole 0 *",
            "linkingObject": ", linkingObjectRole 0 *",
        }.items()
    },
}


def check_content(element):
    """Compares an element with the order and the numbers that the standard has for it."""
    name = element.tag.removeprefix(SPACE)
    children = [child.tag.removeprefix(SPACE) for child in element]
    if name not in CONTENT:
        assert not children
        assert element.text
        assert element.text.strip()
        return
    for rule in CONTENT[name].split(", "):
        wanted, least, most = rule.split()
        count = 0
        while children and children[0] == wanted:
            children.pop(0)
            count += 1
        assert count >= int(least), f"{name} lacks {wanted}"
        assert most == "*" or count <= int(most), f"{name} has too many {wanted}"
    assert not children, f"{name} has {children} out of place"
    for child in element:
        check_content(child)


def texts(document, path):
    return [element.text for element in document.findall("/".join(SPACE + part for part in path.split("/")))]


@pytest.fixture
def colored(tmp_path, photo, colorizer, monkeypatch):
    """A run over a tree of two photos, one with a name that has to be escaped, and a third that fails."""
    monkeypatch.chdir(tmp_path)
    photo(tmp_path / "in" / "a.png")
    photo(tmp_path / "in" / "fair & <hot>" / "ü 1.jpg", seed=3)
    (tmp_path / "in" / "z.png").write_bytes(b"not a photo")
    colorize_files(["in"], "out", colorizer=colorizer)
    return tmp_path / "out"


ADDRESSES = Addresses(results="https://example.org/colour/", originals="https://example.org/gray")


def test_premis_says_what_became_of_what(colored):
    kit = write_archive_kit("out", organization="City archive")
    assert [path.name for path in kit.events] == ["a.png.premis.xml", "ü 1.jpg.premis.xml"]
    assert kit.manifest is None
    document = ElementTree.parse(kit.events[1]).getroot()
    check_content(document)
    assert document.get("version") == "3.0"
    assert [each.get(KIND) for each in document.findall(f"{SPACE}object")] == ["file", "file"]
    files = [colored.parent / "in" / "fair & <hot>" / "ü 1.jpg", colored / "fair & <hot>" / "ü 1.jpg"]
    assert texts(document, "object/originalName") == ["in/fair & <hot>/ü 1.jpg", "out/fair & <hot>/ü 1.jpg"]
    characteristics = "object/objectCharacteristics"
    assert texts(document, f"{characteristics}/fixity/messageDigest") == [
        hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    ]
    assert texts(document, f"{characteristics}/size") == [str(path.stat().st_size) for path in files]
    assert texts(document, f"{characteristics}/format/formatDesignation/formatName") == ["image/jpeg"] * 2
    entries = json.loads((colored / "photochrom-report.json").read_text())["files"]
    finished = {entry["target"]: entry["finished"] for entry in entries}
    assert texts(document, "event/eventDateTime") == [finished["out/fair & <hot>/ü 1.jpg"]]
    assert "tinting" in texts(document, "event/eventDetailInformation/eventDetail")[0]
    assert texts(document, "agent/agentName") == ["photochrom", "tinting", "City archive"]
    assert texts(document, "agent/agentVersion") == [__version__]


def test_every_link_of_premis_leads_to_something(colored):
    document = ElementTree.parse(write_archive_kit("out").events[0]).getroot()
    original, result = texts(document, "object/objectIdentifier/objectIdentifierValue")
    (event,) = texts(document, "event/eventIdentifier/eventIdentifierValue")
    related = "object/relationship/related"
    assert texts(document, f"{related}ObjectIdentifier/relatedObjectIdentifierValue") == [original]
    assert texts(document, f"{related}EventIdentifier/relatedEventIdentifierValue") == [event]
    assert texts(document, "object/linkingEventIdentifier/linkingEventIdentifierValue") == [event] * 2
    linked = "event/linkingObjectIdentifier/linkingObject"
    assert texts(document, f"{linked}IdentifierValue") == [original, result]
    assert texts(document, f"{linked}Role") == ["source", "outcome"]
    assert texts(document, "event/linkingAgentIdentifier/linkingAgentIdentifierValue") == texts(
        document, "agent/agentIdentifier/agentIdentifierValue"
    )


def test_premis_is_valid_by_its_own_schema(colored):
    path = os.environ.get("PHOTOCHROM_PREMIS_SCHEMA")
    if path is None:
        pytest.skip("PHOTOCHROM_PREMIS_SCHEMA does not name the schema of the Library of Congress")
    xmlschema = pytest.importorskip("xmlschema", reason="it reads the schema")
    schema = xmlschema.XMLSchema(path)
    for event in write_archive_kit("out", organization="City archive").events:
        schema.validate(str(event))


def test_the_manifest_offers_a_choice(colored, tmp_path):
    (tmp_path / "t.json").write_text('{"label": {"de": ["Kiste"]}, "rights": "http://example.org/rights"}')
    kit = write_archive_kit("out", addresses=ADDRESSES, template=read_template(tmp_path / "t.json"))
    assert kit.manifest == colored.relative_to(tmp_path) / "manifest.json"
    assert kit.not_shown == 0
    manifest = json.loads(kit.manifest.read_text("utf-8"))
    assert manifest["id"] == "https://example.org/colour/manifest.json"
    assert (manifest["label"], manifest["rights"]) == ({"de": ["Kiste"]}, "http://example.org/rights")
    first, second = manifest["items"]
    assert (first["width"], first["height"]) == (90, 60)
    assert second["seeAlso"][0]["id"].endswith("/fair%20%26%20%3Chot%3E/%C3%BC%201.jpg.premis.xml")
    (painting,) = second["items"][0]["items"]
    assert painting["target"] == second["id"]
    assert [image["id"] for image in painting["body"]["items"]] == [
        "https://example.org/gray/fair%20%26%20%3Chot%3E/%C3%BC%201.jpg",
        "https://example.org/colour/fair%20%26%20%3Chot%3E/%C3%BC%201.jpg",
    ]
    ids = [manifest["id"], *(canvas["id"] for canvas in manifest["items"])]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("service", [None, "https://example.org/iiif/3"])
def test_the_manifest_is_valid_for_another_library(colored, service):
    iiif = pytest.importorskip("iiif_prezi3", reason="it reads manifests by the standard's schema")
    addresses = Addresses(results=ADDRESSES.results, originals=ADDRESSES.originals, image_service=service)
    kit = write_archive_kit("out", addresses=addresses)
    read = iiif.Manifest(**json.loads(kit.manifest.read_text("utf-8")))
    body = read.items[1].items[0].items[0].body
    assert type(body).__name__ == "Choice"
    assert len(body.items) == 2
    if service is not None:
        expected = f"{service}/out%2Ffair%20%26%20%3Chot%3E%2F%C3%BC%201.jpg"
        assert body.items[1].id == f"{expected}/full/max/0/default.jpg"
        assert body.items[1].service[0].id == expected


def test_nothing_is_replaced_unasked_or_half_written(colored):
    (colored / "manifest.json").write_text("mine")
    with pytest.raises(OutputExistsError) as raised:
        write_archive_kit("out", addresses=ADDRESSES)
    assert raised.value.code == "archive.output_exists"
    assert not list(colored.rglob("*.premis.xml"))
    write_archive_kit("out", addresses=ADDRESSES, overwrite=True)
    first = {path: path.read_bytes() for path in colored.rglob("*.premis.xml")}
    write_archive_kit("out", overwrite=True)
    assert len(first) == 2
    assert all(path.read_bytes() == content for path, content in first.items()), "identifiers must stay"


def test_what_cannot_be_described_is_named(colored, tmp_path):
    with pytest.raises(OptionError) as raised:
        write_archive_kit("out", addresses=Addresses(results="https://example.org/"))
    assert raised.value.code == "archive.originals_elsewhere"
    with pytest.raises(OptionError) as raised:
        Addresses(results="out/")
    assert raised.value.code == "archive.address_wrong"
    shutil.copy(colored / "photochrom-report.json", tmp_path / "in" / "photochrom-report.json")
    for report, code in {
        "missing.json": "archive.report_unreadable",
        "in/a.png": "archive.not_a_report",
        "in": "archive.result_elsewhere",
    }.items():
        with pytest.raises(InputError) as raised:
            write_archive_kit(report)
        assert raised.value.code == code
    (tmp_path / "in" / "a.png").unlink()
    with pytest.raises(InputError) as raised:
        write_archive_kit("out")
    assert raised.value.code == "archive.file_unreadable"
    assert not list(colored.rglob("*.premis.xml"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "archive.template_not_json"),
        ('{"items": []}', "archive.template_property"),
        ('{"label": "Kiste"}', "archive.template_value"),
        ("[]", "archive.template_value"),
    ],
)
def test_a_template_is_checked(tmp_path, text, code):
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(InputError) as raised:
        read_template(tmp_path / "t.json")
    assert raised.value.code == code


def test_a_report_of_an_earlier_version_has_no_time(colored):
    path = colored / "photochrom-report.json"
    report = json.loads(path.read_text())
    for entry in report["files"]:
        del entry["finished"]
    path.write_text(json.dumps(report))
    os.utime(colored / "a.png", (1.0e9, 1.0e9))
    document = ElementTree.parse(write_archive_kit("out").events[0]).getroot()
    assert texts(document, "event/eventDateTime") == ["2001-09-09T01:46:40+00:00"]


def test_results_beside_their_photos_have_one_address(tmp_path, photo, colorizer, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.full((8, 9), 90, np.uint8)).save(tmp_path / "a.tif")
    colorize_files(["a.tif"], colorizer=colorizer, report="run.json")
    kit = write_archive_kit("run.json", addresses=Addresses(results="http://localhost:8000"))
    images = json.loads(kit.manifest.read_text())["items"][0]["items"][0]["items"][0]["body"]["items"]
    assert [image["id"] for image in images] == ["http://localhost:8000/a.tif", "http://localhost:8000/a.color.tif"]
    assert kit.not_shown == 2


def test_the_command(colored, capsys):
    assert main(["archive", "out", "--template", "t.json"]) == 2
    words = ["archive", "out", "--url", "https://example.org/c", "--originals-url", "https://example.org/o"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "2 PREMIS documents" in said
    assert "https://example.org/o is in" in said
    assert main([*words, "-q"]) == 1
    assert main([*words, "-q", "--overwrite"]) == 0
    assert not capsys.readouterr().out
