import { data, nn, predict, type Runtime, type Task, type TrainResult } from 'thalweg';

const side = 28;
const pixels = side * side;
const shown = 12;

/** The first validation images, each with what the trained model reads in it; wrong ones with what they are. */
export async function drawDigits(
  into: HTMLElement,
  { task, result, runtime }: { task: Task; result: TrainResult; runtime: Runtime },
): Promise<void> {
  const splits = await task.data();
  if (!splits) return;
  const images = new Uint8Array(shown * pixels);
  const labels = new Int32Array(shown);
  const first = [...labels.keys()];
  splits.validation.read(first, 'image', images);
  splits.validation.read(first, 'label', labels);
  const { mean, std } = data.mnistPixels;
  const x = Float32Array.from(images, (grey) => (grey / 255 - mean) / std);
  const model = nn.mlp([pixels, 128, 64, 10]);
  const { data: logits } = await predict({ model, result, x: { data: x, shape: [pixels] }, runtime });
  const figures = Array.from(labels, (label, i) => {
    const scores = logits.subarray(10 * i, 10 * (i + 1));
    return figure(images.subarray(i * pixels, (i + 1) * pixels), scores.indexOf(Math.max(...scores)), label);
  });
  into.replaceChildren(...figures);
}

function figure(image: Uint8Array, read: number, label: number): HTMLElement {
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const rgba = Uint8ClampedArray.from({ length: 4 * pixels }, (_, i) => (i % 4 === 3 ? 255 : image[i >> 2]));
  canvas.getContext('2d')?.putImageData(new ImageData(rgba, side, side), 0, 0);
  const caption = document.createElement('figcaption');
  caption.textContent = read === label ? `${read}` : `${read}, is ${label}`;
  const whole = document.createElement('figure');
  whole.classList.toggle('wrong', read !== label);
  whole.append(canvas, caption);
  return whole;
}
