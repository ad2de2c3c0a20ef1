/** Says in the XMP packet that the colour is synthetic and which network made it; all else in it stays as it was. */
import { escapeText, quoteAttribute, RDF, scanPacket, type Scan, type Span } from "./xml.js";

/** IPTC NewsCodes: a picture edited with a trained network. */
export const COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

const IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
const XMP = "http://ns.adobe.com/xap/1.0/";
const TIFF = "http://ns.adobe.com/tiff/1.0/";
const EXIF = "http://ns.adobe.com/exif/1.0/";
const CAMERA = "http://ns.google.com/photos/1.0/camera/";
const CONTAINER = "http://ns.google.com/photos/1.0/container/";
const GAIN_MAP = "http://ns.adobe.com/hdr-gain-map/1.0/";
const NOTE = "http://ns.adobe.com/xmp/note/";

const OURS = ["DigitalSourceType", "AISystemUsed", "AISystemVersionUsed"].map((name) => `${IPTC_EXT} ${name}`);
const PLACEMENT = [
  ...["Orientation", "ImageWidth", "ImageLength"].map((name) => `${TIFF} ${name}`),
  ...["PixelXDimension", "PixelYDimension"].map((name) => `${EXIF} ${name}`),
];
const EMPTY =
  '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n' +
  `<rdf:RDF xmlns:rdf="${RDF}">\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>`;

/** Returns a packet's text. Throws where it is not text. */
function decode(packet: Uint8Array): string {
  const strict = (label: string): string => new TextDecoder(label, { fatal: true }).decode(packet);
  if ((packet[0] === 255 && packet[1] === 254) || packet[1] === 0) return strict("utf-16le");
  if ((packet[0] === 254 && packet[1] === 255) || packet[0] === 0) return strict("utf-16be");
  // the decoder takes a byte order mark away
  return strict("utf-8").replace(/^\0+|\0+$/g, "").trimStart();
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Returns a packet without some properties, and whether it had any of them. */
function without(text: string, isOut: (name: string) => boolean): string {
  const scan = scanPacket(text);
  const cuts: Span[] = scan.attributes.filter(({ name }) => isOut(name)).map(({ span }) => span);
  for (const [name, spans] of scan.elements) if (isOut(name)) cuts.push(...spans);
  return cuts
    .sort((one, other) => other.start - one.start)
    .reduce((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);
}

/** Returns a packet without orientation and sizes, for a picture that has been turned; as it is where it is not XMP. */
export function removePlacement(packet: Uint8Array): Uint8Array {
  return removeNamed(packet, (name) => PLACEMENT.includes(name));
}

/** Returns a packet that announces nothing the result no longer has: a film behind the photo, a gain map, more XMP. */
export function removeAnnounced(packet: Uint8Array): Uint8Array {
  const isOut = (name: string): boolean =>
    (name.startsWith(`${CAMERA} Motion`) || name.startsWith(`${CAMERA} MicroVideo`)) ||
    name === `${CONTAINER} Directory` ||
    name === `${NOTE} HasExtendedXMP` ||
    name.startsWith(`${GAIN_MAP} `);
  return removeNamed(packet, isOut);
}

function removeNamed(packet: Uint8Array, isOut: (name: string) => boolean): Uint8Array {
  try {
    const text = decode(packet);
    const rest = without(text, isOut);
    return rest === text ? packet : encode(rest);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return packet;
    throw error;
  }
}

/**
 * Adds the IPTC source type, the network's name and our version to a packet.
 *
 * What it said before stays, except earlier values of the same properties. A packet that is not XML is replaced.
 */
export function addProvenance(packet: Uint8Array | undefined, system: string, version: string): Uint8Array {
  let text = prepare(packet);
  const about = scanPacket(text).about;
  const head =
    `<rdf:Description rdf:about=${quoteAttribute(about)} xmlns:rdf="${RDF}" xmlns:Iptc4xmpExt="${IPTC_EXT}"` +
    ` xmlns:xmp="${XMP}">\n`;
  // what is left of an entry of ours
  const at = text.indexOf(head);
  const rest = at < 0 ? null : /^\s*<\/rdf:Description>\n?/.exec(text.slice(at + head.length));
  if (rest) text = text.slice(0, at) + text.slice(at + head.length + rest[0].length);
  const scan = scanPacket(text);
  const tool = knows(scan, `${XMP} CreatorTool`) ? "" : `\n  <xmp:CreatorTool>${escapeText(version)}</xmp:CreatorTool>`;
  const entry =
    head +
    `  <Iptc4xmpExt:DigitalSourceType>${COMPOSITE}</Iptc4xmpExt:DigitalSourceType>\n` +
    `  <Iptc4xmpExt:AISystemUsed>${escapeText(system)}</Iptc4xmpExt:AISystemUsed>\n` +
    `  <Iptc4xmpExt:AISystemVersionUsed>${escapeText(version)}</Iptc4xmpExt:AISystemVersionUsed>${tool}\n` +
    "</rdf:Description>\n";
  return encode(text.slice(0, scan.end) + entry + text.slice(scan.end));
}

function prepare(packet: Uint8Array | undefined): string {
  if (!packet?.length) return EMPTY;
  try {
    return without(decode(packet), (name) => OURS.includes(name));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return EMPTY;
    throw error;
  }
}

const knows = (scan: Scan, name: string): boolean =>
  scan.elements.has(name) || scan.attributes.some((attribute) => attribute.name === name);

/** Splits a packet too large for one JPEG segment: the main part with our entry, and all the rest. */
export function splitPacket(packet: Uint8Array, limit: number): { main: string; extended: string | undefined } {
  const text = new TextDecoder().decode(packet);
  if (packet.length <= limit) return { main: text, extended: undefined };
  const scan = scanPacket(text);
  const begin = text.lastIndexOf("<rdf:Description", scan.end);
  let extended = text.slice(0, begin) + text.slice(scan.end);
  extended = extended.slice(extended.indexOf("<"));
  if (extended.startsWith("<?xpacket")) {
    extended = extended.slice(extended.indexOf("?>") + 2).trimStart();
    extended = extended.slice(0, extended.lastIndexOf("<?xpacket")).trimEnd();
  }
  return { main: text.slice(begin, scan.end), extended };
}

/** Returns the main packet that points to an extended one by its MD5. */
export function pointToExtended(entry: string, guid: string): Uint8Array {
  const note = `<rdf:Description rdf:about="" xmlns:xmpNote="${NOTE}" xmpNote:HasExtendedXMP="${guid}"/>\n`;
  const at = EMPTY.indexOf("</rdf:RDF>");
  return encode(EMPTY.slice(0, at) + entry + note + EMPTY.slice(at));
}

/** Joins a JPEG's main packet with its extended one (XMP part 3, 1.1.3.1); the main one alone where that fails. */
export function joinPackets(packet: Uint8Array, extended: Uint8Array): Uint8Array {
  try {
    const main = without(decode(packet), (name) => name === `${NOTE} HasExtendedXMP`);
    const more = decode(extended);
    const scan = scanPacket(more);
    // prefixes may be declared around the entries, so they are wrapped with all declarations before them
    const declared = new Map<string, string>();
    for (const [, name, value] of more.slice(0, scan.begin).matchAll(/\s(xmlns:[^\s=]+)\s*=\s*["']([^"']*)["']/g)) {
      declared.set(name, value);
    }
    const inside = more.slice(scan.begin, scan.end).replace(/<rdf:Description\b([^>]*)/g, (_, rest: string) => {
      const missing = [...declared].filter(([name]) => !rest.includes(`${name}=`));
      return `<rdf:Description${missing.map(([name, value]) => ` ${name}="${value}"`).join("")}${rest}`;
    });
    const end = scanPacket(main).end;
    const joined = main.slice(0, end) + inside + main.slice(end);
    scanPacket(joined);
    return encode(joined);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return packet;
    throw error;
  }
}
