/** The same in Node: JPEG and WebP by sharp where it is installed. */
import { Colorizer, type OpenOptions } from "./colorizer.js";
import { sharpCodec } from "./codecs/sharp.js";

export * from "./index.js";
export { sharpCodec } from "./codecs/sharp.js";

/** Opens a network in Node. */
export function openColorizer(options: OpenOptions): Promise<Colorizer> {
  return Colorizer.open({ codec: sharpCodec, ...options });
}
