import { hasGpu } from '../gpu.ts';
import { type BrowserOptions, errorsOnly, type Model, type Session, type SessionOptions } from './session-types.ts';

type Ort = typeof import('onnxruntime-web');

interface Loaded {
  readonly ort: Ort;
  readonly providers: readonly string[];
}

/** The builds differ: 14 MB of WebAssembly for the processor; 27 with WebGPU, and no float64 even on the processor. */
async function loadBuild(
  { device = 'wasm', wasmPaths }: BrowserOptions,
  threads: number | undefined,
  float64: boolean,
): Promise<Loaded> {
  const gpu = device === 'webgpu' && !float64 && (await hasGpu());
  const ort: Ort = gpu ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  ort.env.logLevel = 'error';
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  if (threads !== undefined) ort.env.wasm.numThreads = crossOriginIsolated ? threads : 1;
  return { ort, providers: gpu ? ['webgpu', 'wasm'] : ['wasm'] };
}

/** Prepares a model. Only the results asked for are computed and copied, so a sequence that comes first is no matter here. */
export async function openSession(
  { bytes, float64 }: Model,
  { threads, browser = {} }: SessionOptions = {},
): Promise<Session> {
  const { ort, providers } = await loadBuild(browser, threads, float64);
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: providers,
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    logSeverityLevel: errorsOnly,
  });
  return {
    Tensor: ort.Tensor,
    // onnxruntime-web has a memory of its own: inputs are copied into it, and results that were given a place are not copied out.
    bind: (feeds, fetches) => async () => {
      const results = await session.run(feeds, Object.keys(fetches));
      for (const [name, { data }] of Object.entries(fetches))
        (data as Uint8Array).set(results[name].data as Uint8Array);
    },
  };
}
