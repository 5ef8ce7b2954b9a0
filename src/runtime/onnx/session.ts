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
   * wasm kernel or another trial (docs/performance.md has the numbers).
   */
  readonly spin?: boolean;
}

/** What we use of onnxruntime-node's addon. */
interface NativeSession {
  loadModel(bytes: ArrayBufferLike, offset: number, length: number, options: InferenceSession.SessionOptions): void;
  run(feeds: Feeds, fetches: Readonly<Record<string, Tensor | null>>, options: InferenceSession.RunOptions): unknown;
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

/**
 * A model output, its first, that ends the addon's work once the others are computed. onnxruntime-node 1.30 answers a call with a new
 * ArrayBuffer for every result, also of those that it wrote into given memory: all gradients copied at every step, and collected
 * as garbage. It makes them in the order of the outputs and throws at what JavaScript cannot hold; an empty sequence is that.
 */
export const uncopied = 'uncopied';
const thrownAtSequence = 'Non tensor type is temporarily not supported';

/** Prepares a serialized model; one whose first output is `uncopied` makes no copies of its results. */
export async function openSession(
  model: Uint8Array,
  stopsAtSequence: boolean,
  { threads, spin = false }: SessionOptions = {},
): Promise<Run> {
  const options: InferenceSession.SessionOptions = {
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    interOpNumThreads: 1,
    // A pattern is one more block of all activations beside those of the first run, which made it.
    enableMemPattern: false,
    logSeverityLevel: errorsOnly,
    extra: { session: { intra_op: { allow_spinning: spin ? '1' : '0' } } },
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  };
  if (native) {
    native.initOrt();
    const session = new native.binding.InferenceSession();
    session.loadModel(model.buffer, model.byteOffset, model.byteLength, options);
    const stop: Record<string, null> = stopsAtSequence ? { [uncopied]: null } : {};
    const stopped = (error: unknown): void => {
      if (!String(error).includes(thrownAtSequence)) throw error;
    };
    return (feeds, fetches) => {
      try {
        const running = session.run(feeds, { ...stop, ...fetches }, {});
        // Versions after 1.30 compute on another thread.
        return running instanceof Promise ? running.then(() => {}, stopped) : undefined;
      } catch (error) {
        return stopped(error);
      }
    };
  }
  const session = await InferenceSession.create(model, options);
  return async (feeds, fetches) => {
    await session.run(feeds, fetches);
  };
}
