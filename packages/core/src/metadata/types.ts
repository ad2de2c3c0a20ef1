/** What a picture file carries besides its pixels, and how it was encoded. */

/** Pixels per unit of length; `none` is a mere aspect ratio. */
export interface Density {
  x: number;
  y: number;
  unit: "inch" | "cm" | "metre" | "none";
}

export interface Metadata {
  /** The EXIF block, from its TIFF header on. */
  exif?: Uint8Array | undefined;
  /** The XMP packet. */
  xmp?: Uint8Array | undefined;
  /** The Photoshop image resources, which hold the IPTC records of a JPEG. */
  photoshop?: Uint8Array | undefined;
  /** The source's own ICC profile. */
  icc?: Uint8Array | undefined;
  density?: Density | undefined;
  /** Comments of a JPEG, in order. */
  comments: Uint8Array[];
  /** Text and time chunks of a PNG, as they stood. */
  pngChunks: { kind: string; data: Uint8Array }[];
  /** Estimated quality of a JPEG's luma table, as libjpeg counts it. */
  jpegQuality?: number | undefined;
}

/** Returns the density in dots per unit of another kind; undefined of an aspect ratio. */
export function densityIn(density: Density, unit: "inch" | "metre"): { x: number; y: number } | undefined {
  if (density.unit === "none") return undefined;
  const toInch = { inch: 1, cm: 2.54, metre: 0.0254 }[density.unit];
  const factor = unit === "inch" ? toInch : toInch / 0.0254;
  return { x: density.x * factor, y: density.y * factor };
}
