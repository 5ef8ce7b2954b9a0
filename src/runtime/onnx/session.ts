import { createRequire } from 'node:module';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { errorsOnly, type Feeds, type Model, type Session, type SessionOptions, uncopied } from './session-types.ts';

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

/** Makes constant factors of batched products attributes, which are float32 also beside float64 tensors. */
const roundsFactors = 'MatMulScaleFusion';

const thrownAtSequence = 'Non tensor type is temporarily not supported';

/** Prepares a model; one whose first output is `uncopied` makes no copies of its results. */
export async function openSession(
  { bytes, stops, float64, small }: Model,
  { threads, spin = false }: SessionOptions = {},
): Promise<Session> {
  // Threads that sleep take longer to wake than small nodes take.
  const wanted = small && !spin ? 1 : threads;
  const options: InferenceSession.SessionOptions = {
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    interOpNumThreads: 1,
    // A pattern is one more block of all activations beside those of the first run, which made it.
    enableMemPattern: false,
    logSeverityLevel: errorsOnly,
    extra: {
      session: { intra_op: { allow_spinning: spin ? '1' : '0' } },
      ...(float64 ? { optimization: { disable_specified_optimizers: roundsFactors } } : {}),
    },
    ...(wanted === undefined ? {} : { intraOpNumThreads: wanted }),
  };
  if (native) {
    native.initOrt();
    const session = new native.binding.InferenceSession();
    session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, options);
    const stop: Record<string, null> = stops ? { [uncopied]: null } : {};
    const stopped = (error: unknown): void => {
      if (!String(error).includes(thrownAtSequence)) throw error;
    };
    return {
      Tensor,
      bind(feeds, fetches) {
        const wanted = { ...stop, ...fetches };
        const plain = {};
        return () => {
          try {
            const running = session.run(feeds, wanted, plain);
            // Versions after 1.30 compute on another thread.
            return running instanceof Promise ? running.then(() => {}, stopped) : undefined;
          } catch (error) {
            return stopped(error);
          }
        };
      },
    };
  }
  const session = await InferenceSession.create(bytes, options);
  return {
    Tensor,
    bind: (feeds, fetches) => async () => {
      await session.run(feeds, fetches);
    },
  };
}
