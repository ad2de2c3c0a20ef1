/** The same in Node: JPEG and WebP by sharp where it is installed, and the network that lies in this package. */
import { Colorizer, type OpenOptions } from "./colorizer.js";
import { sharpCodec } from "./codecs/sharp.js";
import { networkUrl } from "./network.js";

export * from "./index.js";
export { networkUrl } from "./network.js";
export { sharpCodec } from "./codecs/sharp.js";

/** Opens a network in Node; the one of this package unless another is named. */
export function openColorizer(options: Partial<OpenOptions> = {}): Promise<Colorizer> {
  return Colorizer.open({ network: networkUrl, codec: sharpCodec, ...options });
}
