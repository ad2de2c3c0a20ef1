"""PREMIS 3.0: the original and the result as objects, the colouring as an event, and who did it as agents.

PREMIS Data Dictionary for Preservation Metadata, version 3.0 (Library of Congress, 2015), and its XML schema of 2016.
The order of elements is the schema's.
"""

import json
import uuid
from xml.etree import ElementTree as Xml

from photochrom.batch.archive.run_files import ColoredPhoto, StoredPhoto
from photochrom.image_io.metadata.xmp import COMPOSITE

__all__ = ["NAMESPACE", "build_premis"]

NAMESPACE = "http://www.loc.gov/premis/v3"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "https://www.loc.gov/standards/premis/premis.xsd"
#: vocabularies that the Library of Congress keeps for the values of some elements
_VOCABULARIES = "http://id.loc.gov/vocabulary/preservation"
#: the version of the standard, of the root and of nothing else
_VERSION = "3.0"


def build_premis(photo: ColoredPhoto, *, organization: str | None = None) -> bytes:
    """Returns a PREMIS document about one coloured photo, UTF-8.

    Identifiers are UUIDs made of names and digests, so the same files have the same ones again.

    Args:
        photo: the photo.
        organization: who is answerable for the colouring; None to leave that out.
    """
    original, result = _identify(photo.original), _identify(photo.result)
    event = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{original} {result} {photo.finished.isoformat()}"))
    software, network = f"photochrom {photo.version}", f"{photo.model} sha256:{photo.model_sha256}"
    root = Xml.Element("premis", {"xmlns": NAMESPACE, "xmlns:xsi": _XSI, "version": _VERSION})
    root.set("xsi:schemaLocation", f"{NAMESPACE} {_SCHEMA}")
    _add_object(root, photo.original, original, event)
    made = _add_object(root, photo.result, result, None)
    relationship = Xml.SubElement(made, "relationship")
    _add_term(relationship, "relationshipType", "derivation")
    _add_term(relationship, "relationshipSubType", "has source")
    _add_identifier(relationship, "relatedObject", "UUID", original)
    _add_identifier(relationship, "relatedEvent", "UUID", event)
    _add_identifier(made, "linkingEvent", "UUID", event)
    agents = {software: "executing program", network: "executing program"}
    if organization is not None:
        agents[organization] = "authorizer"
    _add_event(root, photo, event, agents=agents, objects={original: "source", result: "outcome"})
    _add_agent(root, software, "photochrom", "software", version=photo.version)
    _add_agent(root, network, photo.model, "software", note=f"A neural network. SHA-256: {photo.model_sha256}")
    if organization is not None:
        _add_agent(root, organization, organization, "organization")
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, "unicode")}\n'.encode()


def _identify(photo: StoredPhoto) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{photo.name} sha256:{photo.sha256}"))


def _add_object(root: Xml.Element, photo: StoredPhoto, identifier: str, event: str | None) -> Xml.Element:
    made = Xml.SubElement(root, "object", {"xsi:type": "file"})
    _add_identifier(made, "object", "UUID", identifier)
    characteristics = Xml.SubElement(made, "objectCharacteristics")
    fixity = Xml.SubElement(characteristics, "fixity")
    _add_term(fixity, "messageDigestAlgorithm", "SHA-256", "cryptographicHashFunctions")
    _add(fixity, "messageDigest", photo.sha256)
    _add(characteristics, "size", str(photo.size))
    designation = Xml.SubElement(Xml.SubElement(characteristics, "format"), "formatDesignation")
    _add(designation, "formatName", photo.media_type)
    _add(made, "originalName", photo.name)
    if event is not None:
        _add_identifier(made, "linkingEvent", "UUID", event)
    return made


def _add_event(
    root: Xml.Element, photo: ColoredPhoto, identifier: str, *, agents: dict[str, str], objects: dict[str, str]
) -> None:
    made = Xml.SubElement(root, "event")
    _add_identifier(made, "event", "UUID", identifier)
    _add_term(made, "eventType", "modification", "eventType")
    _add(made, "eventDateTime", photo.finished.isoformat())
    detail = (
        f"Colourization: photochrom {photo.version} added colours with the network {photo.model}. "
        f"The colours are synthetic ({COMPOSITE}). Options: {json.dumps(dict(photo.options), sort_keys=True)}"
    )
    _add(Xml.SubElement(made, "eventDetailInformation"), "eventDetail", detail)
    outcome = Xml.SubElement(made, "eventOutcomeInformation")
    _add_term(outcome, "eventOutcome", "success", "eventOutcome")
    sure = None if photo.confidence is None else f"Mean confidence of the network, 0 to 1: {photo.confidence:.4f}"
    for note in (sure, *photo.notes):
        if note is not None:
            _add(Xml.SubElement(outcome, "eventOutcomeDetail"), "eventOutcomeDetailNote", note)
    for agent, role in agents.items():
        _add_identifier(made, "linkingAgent", "local", agent, role=role)
    for linked, role in objects.items():
        _add_identifier(made, "linkingObject", "UUID", linked, role=role)


def _add_agent(
    root: Xml.Element, identifier: str, name: str, kind: str, *, version: str | None = None, note: str | None = None
) -> None:
    made = Xml.SubElement(root, "agent")
    _add_identifier(made, "agent", "local", identifier)
    _add(made, "agentName", name)
    _add_term(made, "agentType", kind, "agentType")
    if version is not None:
        _add(made, "agentVersion", version)
    if note is not None:
        _add(made, "agentNote", note)


def _add(parent: Xml.Element, name: str, text: str) -> Xml.Element:
    made = Xml.SubElement(parent, name)
    # XML 1.0 has no place for other control characters, and a file's name may hold bytes that are not text
    made.text = "".join(c if c.isprintable() or c in "\t\n" else "\ufffd" for c in text)
    return made


def _add_term(parent: Xml.Element, name: str, text: str, vocabulary: str = "") -> None:
    made = _add(parent, name, text)
    if vocabulary:
        made.set("authority", vocabulary)
        made.set("authorityURI", f"{_VOCABULARIES}/{vocabulary}")


def _add_identifier(parent: Xml.Element, name: str, kind: str, value: str, *, role: str | None = None) -> None:
    """Adds an identifier: its container, its type, its value, and for a link the role of what it points to."""
    made = Xml.SubElement(parent, f"{name}Identifier")
    _add(made, f"{name}IdentifierType", kind)
    _add(made, f"{name}IdentifierValue", value)
    if role is not None:
        _add(made, f"{name}Role", role)
