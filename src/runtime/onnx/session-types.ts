import type { Tensor } from 'onnxruntime-node';
import type { Call } from '../engine.ts';

// What the two builds of ONNX Runtime share: `session.ts` for Node, `session.browser.ts` for a page.

export type Feeds = Readonly<Record<string, Tensor>>;

/** A model that is ready to run. */
export interface Session {
  /** Makes tensors over memory. Every build has a class of its own. */
  readonly Tensor: typeof Tensor;
  /** A call that reads `feeds` and writes the memory of `fetches`. */
  bind(feeds: Feeds, fetches: Feeds): Call;
}

/** A serialized model, and what its session must know of it. */
export interface Model {
  readonly bytes: Uint8Array;
  /** Its first output is `uncopied`. */
  readonly stops: boolean;
  /** float64 occurs in it. */
  readonly float64: boolean;
  /** No node of it has enough work for two threads. */
  readonly small: boolean;
}

/** How ONNX Runtime computes in a page; Node has no use for it. */
export interface BrowserOptions {
  /**
   * 'wasm' (the default) computes on the processor, the faster way for small models. 'webgpu' has ONNX Runtime compute on the graphics
   * card where the browser gives one, and is as 'wasm' elsewhere. A program with float64 in it, which no graphics card has, stays on the
   * processor; hyperparameters are float64, so choose the engine 'auto', which has dense algebra in programs of its own.
   */
  readonly device?: 'wasm' | 'webgpu';
  /** Where the page serves onnxruntime-web's WebAssembly file, or the folder of its files. Default: where the bundler put it. */
  readonly wasmPaths?: string | { readonly mjs?: string | URL; readonly wasm?: string | URL };
}

export interface SessionOptions {
  /**
   * Threads within one op, where a model has large ones. Default: ONNX Runtime's own choice, one a physical core. A page that is not
   * cross-origin isolated has one.
   */
  readonly threads?: number;
  /**
   * Threads wait for work by spinning. Default false: spinning threads take the cores from whatever runs next, be it another session, a
   * wasm kernel or another trial (docs/performance.md has the numbers).
   */
  readonly spin?: boolean;
  readonly browser?: BrowserOptions;
}

/**
 * A model output, its first, that ends the addon's work once the others are computed. onnxruntime-node 1.30 answers a call with a new
 * ArrayBuffer for every result, also of those that it wrote into given memory: all gradients copied at every step, and collected
 * as garbage. It makes them in the order of the outputs and throws at what JavaScript cannot hold; an empty sequence is that.
 */
export const uncopied = 'uncopied';

/** Of ONNX Runtime's log: errors. */
export const errorsOnly = 3;
