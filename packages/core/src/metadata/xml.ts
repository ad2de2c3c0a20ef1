/** Where the top-level properties of an XMP packet stand, as offsets into its text. */

export const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

export interface Span {
  start: number;
  end: number;
}

/** What stands in a packet; names are the namespace, a space, and the local name. */
export interface Scan {
  /** Properties written as elements. */
  elements: Map<string, Span[]>;
  /** Properties written as attributes of a description, with the space before them. */
  attributes: { name: string; span: Span }[];
  about: string;
  /** Where the end tag of `rdf:RDF` begins. */
  end: number;
  /** Where its content begins. */
  begin: number;
}

const TOKEN = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<!DOCTYPE|<\/?[^\s<>/=!?]+(?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*\/?>|</g;
const ATTRIBUTE = /\s+([^\s=<>/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;
const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

interface Open {
  qualified: string;
  name: string;
  start: number;
  prefixes: Map<string, string>;
}

/** Finds the top-level properties. Throws SyntaxError where a packet is not XMP. */
export function scanPacket(text: string): Scan {
  const found: Scan = { elements: new Map(), attributes: [], about: "", end: -1, begin: -1 };
  const stack: Open[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match;
    const start = match.index;
    if (token === "<" || token === "<!DOCTYPE") throw new SyntaxError("a packet that is not XML");
    if (token.startsWith("<!") || token.startsWith("<?")) continue;
    if (token.startsWith("</")) {
      const open = stack.pop();
      if (!open || open.qualified !== token.slice(2, -1).trim()) throw new SyntaxError("tags that do not match");
      close(found, stack, open, start, start + token.length);
      continue;
    }
    const open = openElement(token, start, stack.at(-1)?.prefixes ?? new Map());
    if (open.name === `${RDF} RDF`) found.begin = start + token.length;
    if (open.name === `${RDF} Description` && stack.at(-1)?.name === `${RDF} RDF`) addAttributes(found, open, token);
    if (token.endsWith("/>")) close(found, stack, open, start, start + token.length);
    else stack.push(open);
  }
  if (stack.length || found.end < 0) throw new SyntaxError("no rdf:RDF with an end");
  return found;
}

function openElement(token: string, start: number, outer: Map<string, string>): Open {
  const qualified = /^<([^\s/>]+)/.exec(token)![1];
  let prefixes = outer;
  for (const [, name, double, single] of token.matchAll(ATTRIBUTE)) {
    if (name !== "xmlns" && !name.startsWith("xmlns:")) continue;
    if (prefixes === outer) prefixes = new Map(outer);
    prefixes.set(name === "xmlns" ? "" : name.slice(6), unescape(double ?? single ?? ""));
  }
  return { qualified, name: expand(qualified, prefixes, true), start, prefixes };
}

function expand(qualified: string, prefixes: Map<string, string>, element: boolean): string {
  const [prefix, local] = qualified.includes(":") ? qualified.split(":", 2) : ["", qualified];
  if (!prefix && !element) return local;
  const uri = prefixes.get(prefix);
  if (prefix && prefix !== "xml" && uri === undefined) throw new SyntaxError("a prefix that is not declared");
  return uri ? `${uri} ${local}` : local;
}

function addAttributes(found: Scan, open: Open, token: string): void {
  for (const match of token.matchAll(ATTRIBUTE)) {
    const [whole, qualified, double, single] = match;
    if (qualified === "xmlns" || qualified.startsWith("xmlns:")) continue;
    const name = expand(qualified, open.prefixes, false);
    if (name === `${RDF} about`) found.about = unescape(double ?? single ?? "");
    const start = open.start + match.index;
    found.attributes.push({ name, span: { start, end: start + whole.length } });
  }
}

function close(found: Scan, stack: Open[], open: Open, start: number, end: number): void {
  if (open.name === `${RDF} RDF` && found.end < 0 && open.start !== start) found.end = start;
  else if (stack.at(-1)?.name === `${RDF} Description` && stack.at(-2)?.name === `${RDF} RDF`) {
    found.elements.set(open.name, [...(found.elements.get(open.name) ?? []), { start: open.start, end }]);
  }
}

const unescape = (text: string): string => text.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);

/** Escapes text between tags. */
export const escapeText = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** Escapes and quotes the value of an attribute. */
export const quoteAttribute = (text: string): string => `"${escapeText(text).replace(/"/g, "&quot;")}"`;
