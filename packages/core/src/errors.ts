/** Errors with a code, for programs, and a plain sentence, for people. */

export type ErrorCode =
  | "photo.not_a_picture"
  | "photo.unsupported"
  | "photo.too_large"
  | "photo.truncated"
  | "photo.damaged"
  | "photo.out_of_memory"
  | "option.out_of_range"
  | "option.hint_outside"
  | "option.not_a_hint"
  | "option.not_a_color"
  | "option.point_outside"
  | "option.not_with_this_network"
  | "network.damaged"
  | "network.unreachable"
  | "system.no_wasm"
  | "system.no_codec";

const SENTENCES: Record<ErrorCode, string> = {
  "photo.not_a_picture": "This is not a JPEG, PNG or WebP picture. Choose a photo in one of these formats.",
  "photo.unsupported": "This kind of picture cannot be read here: {reason}. Save it as JPEG or PNG first.",
  "photo.too_large": "The picture has {width} x {height} pixels, more than {limit} million. Make it smaller first.",
  "photo.truncated": "The picture's file is cut short. Copy or download it again.",
  "photo.damaged": "The picture's file is damaged. Copy or download it again.",
  "photo.out_of_memory": "There is not enough memory for this picture. Close other programs or make it smaller.",
  "option.out_of_range": "{name} is {value}, but must be {low} to {high}.",
  "option.hint_outside": "A hint at {x}, {y} lies outside the picture of {width} x {height} pixels.",
  "option.not_a_hint": "This is not a hint: {value}. Write x, y, color and, if wanted, radius.",
  "option.not_a_color": "{value} is not a colour. Write it like #8a5a3c.",
  "option.point_outside": "The point {x}, {y} lies outside the picture of {width} x {height} pixels.",
  "option.not_with_this_network": "The network {model} cannot do this: {what}. Use another network.",
  "network.damaged": "The network's file is damaged: {reason}. Load it again.",
  "network.unreachable": "The network could not be loaded: {reason}. Check the connection and try again.",
  "system.no_wasm": "This browser cannot run WebAssembly with SIMD, which the network needs. Use a newer one.",
  "system.no_codec": "{format} files need an optional part here. Install it with: npm install sharp",
};

/** An error of this package. */
export class PhotochromError extends Error {
  /** What failed, for programs. */
  readonly code: ErrorCode;
  /** What the sentence was filled with. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(SENTENCES[code].replace(/\{(\w+)\}/g, (_, name: string) => String(details[name])), options);
    this.name = "PhotochromError";
    this.code = code;
    this.details = details;
  }
}
