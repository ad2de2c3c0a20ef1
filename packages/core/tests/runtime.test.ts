import { afterEach, describe, expect, it, vi } from "vitest";
import { openRuntime } from "../src/network/runtime.js";

describe("WebGPU", () => {
  afterEach(() => vi.unstubAllGlobals());
  it.each([
    ["no interface", undefined],
    ["no adapter", { requestAdapter: () => Promise.resolve(null) }],
    ["an adapter that fails", { requestAdapter: () => Promise.reject(new Error("lost")) }],
  ])("falls back to WebAssembly with %s, and says so", async (_, gpu) => {
    vi.stubGlobal("navigator", { hardwareConcurrency: 1, ...(gpu && { gpu }) });
    expect((await openRuntime({ device: "webgpu" })).device).toBe("wasm");
  });
});
