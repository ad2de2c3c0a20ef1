/** Where the network of this package lies. A bundler takes the file along when this module is imported. */
export const networkUrl = new URL("../network/photochrom_fast.onnx", import.meta.url);
