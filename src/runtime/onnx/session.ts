import { createRequire } from 'node:module';
import { InferenceSession, type Tensor } from 'onnxruntime-node';

export type Feeds = Readonly<Record<string, Tensor>>;

/** Runs a model: reads `feeds`, writes the memory of `fetches`. */
export type Run = (feeds: Feeds, fetches: Feeds) => void | Promise<void>;

export interface SessionOptions {
  /** Threads within one op. Default: ONNX Runtime's own choice, one a physical core. */
  readonly threads?: number;
  /**
   * Threads wait for work by spinning. Default false: spinning threads take the cores from whatever runs next, be it another session, a
   * wasm kernel or another trial. MLP 784-512-512-10 on two cores: alone 5.0 ms a step spinning and 5.4 sleeping; beside other
   * work 9 to 20 ms spinning and 6 sleeping.
   */
  readonly spin?: boolean;
}

/** What we use of onnxruntime-node's addon. */
interface NativeSession {
  loadModel(bytes: ArrayBufferLike, offset: number, length: number, options: InferenceSession.SessionOptions): void;
  run(feeds: Feeds, fetches: Feeds, options: InferenceSession.RunOptions): unknown;
}

interface NativeModule {
  readonly initOrt: () => void;
  readonly binding: { readonly InferenceSession: new () => NativeSession };
}

const isNativeModule = (found: unknown): found is NativeModule =>
  typeof found === 'object' && found !== null && 'initOrt' in found && 'binding' in found;

/**
 * The addon behind onnxruntime-node. Its public `run` only puts the same blocking call behind a promise and setImmediate, which costs
 * 15 to 20 microseconds a call; without this internal module we use that.
 */
function loadNative(): NativeModule | null {
  try {
    const found: unknown = createRequire(import.meta.url)('onnxruntime-node/dist/binding.js');
    return isNativeModule(found) ? found : null;
  } catch {
    return null;
  }
}
const native = loadNative();

const errorsOnly = 3;

/** Prepares a serialized model. */
export async function openSession(model: Uint8Array, { threads, spin = false }: SessionOptions = {}): Promise<Run> {
  const options: InferenceSession.SessionOptions = {
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    interOpNumThreads: 1,
    logSeverityLevel: errorsOnly,
    extra: { session: { intra_op: { allow_spinning: spin ? '1' : '0' } } },
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  };
  if (native) {
    native.initOrt();
    const session = new native.binding.InferenceSession();
    session.loadModel(model.buffer, model.byteOffset, model.byteLength, options);
    return (feeds, fetches) => {
      const running = session.run(feeds, fetches, {});
    };
  }
  const session = await InferenceSession.create(model, options);
  return async (feeds, fetches) => {
    await session.run(feeds, fetches);
  };
}
