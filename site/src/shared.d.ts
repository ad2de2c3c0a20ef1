// The modules of the page of `photochrom serve` that this page uses; their own types stand in JSDoc.
declare module "@shared/*";
declare module "@shared/js/dom.js" {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  export const find: (id: string) => any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  export function make(tag: string, properties?: Record<string, unknown>, ...children: (Node | string | null)[]): any;
  export function icon(name: string): SVGElement;
  export function iconButton(name: string, label: string, action: (event: Event) => void, kind?: string): HTMLButtonElement;
  export const clamp: (value: number, low: number, high: number) => number;
}
declare module "@shared/js/texts.js" {
  export function text(key: string, blanks?: Record<string, string | number>): string;
  export function fill(root?: ParentNode): void;
  export function addTexts(words: Record<string, Record<string, unknown>>): void;
  export function onLanguage(draw: () => void): void;
  export function chooseLanguage(code: string): void;
  export const languages: { code: string; name: string }[];
  export const currentLanguage: () => string;
  export const percent: (value: number) => string;
  export const number: (value: number, options?: Intl.NumberFormatOptions) => string;
}
declare module "@shared/js/menu.js" {
  export function anchor(id: string, button: string): void;
}
declare module "@shared/js/shapes.js" {
  export interface Spot { x: number; y: number; radius: number }
  /** A hint as a person draws it: a point, or a stroke or an area with more spots than its own. */
  export interface Mark extends Spot { color: string; more?: Spot[] }
  type Drawn = Omit<Mark, "color">;
  export function spotsOf(hint: Drawn): Spot[];
  export function kindOf(hint: Drawn): "point" | "stroke" | "area";
  export function flatten(hints: Mark[]): (Spot & { color: string })[];
  export function gather(hints: Mark[], side: number): Mark[];
  export function strokeOf(path: { x: number; y: number }[], radius: number): Drawn;
  export function areaOf(outline: { x: number; y: number }[], side: number): Drawn | null;
}
declare module "@shared/js/zoom.js" {
  export const zoom: EventTarget & {
    photo: { width: number; height: number };
    x: number;
    y: number;
    width: number;
    height: number;
    readonly close: boolean;
    open(photo: { width: number; height: number }): void;
    fit(): void;
    in(): void;
    out(): void;
    by(factor: number, around?: { x: number; y: number }): void;
    pan(dx: number, dy: number): void;
    place(): void;
    locate(event: { clientX: number; clientY: number }): { x: number; y: number };
  };
}
declare module "@shared/js/comparison.js" {
  export const comparison: { cut: number; on: boolean; use(on: boolean): void; move(cut: number): void };
  export function startComparison(): void;
}
declare module "@shared/js/alerts.js" {
  export function say(words: string): void;
  export function complain(error: unknown, again?: () => void): void;
}
declare module "@shared/js/color.js" {
  export function nameKey(hex: string): string;
  export function parseHex(hex: string): [number, number, number] | null;
}
declare module "@shared/js/field.js" {
  export function makeField(options: { color: string; onchange: (color: string, final: boolean) => void }): {
    element: HTMLElement;
    show: (color: string, seen: string) => void;
  };
}
