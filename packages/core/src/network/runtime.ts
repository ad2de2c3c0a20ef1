/** What runs the graphs: onnxruntime-web, on WebAssembly or WebGPU, in a page, a worker or Node. */
import type * as Ort from "onnxruntime-web";
import { PhotochromError } from "../errors.js";

export type Tensor = Ort.Tensor;
export type InferenceSession = Ort.InferenceSession;

/** Opens graphs and makes tensors. */
export interface Runtime {
  readonly device: "wasm" | "webgpu";
  open(file: Uint8Array): Promise<InferenceSession>;
  tensor(data: Float32Array, dims: number[]): Tensor;
}

export interface RuntimeOptions {
  /** "wasm" by default; "webgpu" where the browser has it, else WebAssembly. */
  device?: "wasm" | "webgpu";
  /** Threads of WebAssembly; by default as many as are of use, one where the page is not cross-origin isolated. */
  threads?: number;
  /** Where onnxruntime-web's own files lie; by default beside its script. */
  wasmPaths?: Ort.Env.WebAssemblyFlags["wasmPaths"];
  /** The WebAssembly itself, where it has been loaded already. */
  wasmBinary?: ArrayBuffer;
}

/** More threads than this do not make one photo quicker. */
const MOST_THREADS = 4;

/** A module of ten bytes of code that uses one SIMD instruction. */
const SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

/** Tells whether WebAssembly with SIMD can run here. */
export function hasWasm(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(SIMD);
}

/** Tells whether there is a GPU that can be used; browsers have the interface on machines without one too. */
async function hasWebGpu(): Promise<boolean> {
  const { gpu } = (globalThis.navigator ?? {}) as { gpu?: { requestAdapter(): Promise<object | null> } };
  return !!(await gpu?.requestAdapter().catch(() => null));
}

/** Loads onnxruntime-web. Throws `system.no_wasm` where it cannot run. */
export async function openRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  if (!hasWasm()) throw new PhotochromError("system.no_wasm");
  const gpu = options.device === "webgpu" && (await hasWebGpu());
  const ort = await (gpu ? import("onnxruntime-web/webgpu") : import("#onnxruntime"));
  const { wasm } = ort.env;
  ort.env.logLevel = "error";
  wasm.numThreads = options.threads ?? chooseThreads();
  if (options.wasmPaths !== undefined) wasm.wasmPaths = options.wasmPaths;
  if (options.wasmBinary !== undefined) wasm.wasmBinary = options.wasmBinary;
  const device = gpu ? "webgpu" : "wasm";
  return {
    device,
    async open(file) {
      try {
        const settings: Ort.InferenceSession.SessionOptions = { executionProviders: [device], logSeverityLevel: 3 };
        return await ort.InferenceSession.create(file, settings);
      } catch (error) {
        throw new PhotochromError("network.damaged", { reason: firstLine(error) }, { cause: error });
      }
    },
    tensor: (data, dims) => new ort.Tensor("float32", data, dims),
  };
}

function chooseThreads(): number {
  const processors = globalThis.navigator?.hardwareConcurrency ?? 1;
  const browser = typeof document === "object" || typeof self === "object";
  if (browser && !globalThis.crossOriginIsolated) return 1;
  return Math.min(processors, MOST_THREADS);
}

const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split("\n")[0];
