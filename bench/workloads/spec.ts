/**
 * What each kind of workload computes. The tensors hold the parameters under the names of Thalweg's `nn` (a Linear weight is [out, in], a
 * convolution's [out, in, kh, kw], images are [N, C, H, W]) and the inputs under the names below. All arithmetic is float32.
 *
 * Training kinds: one step is forward, mean cross-entropy against the int32 `labels`, backward, and plain SGD `w -= lr g` with
 * `numbers.lr` on every parameter. The value checked is the loss of the latest step, before its update.
 *
 * - `mlp` (logistic regression is one layer): x [B, n]; layers fc1, fc2, ... (.weight, .bias), ReLU between them.
 * - `lenet`: x [B, 1, 28, 28]; conv1 1->6, 5x5, padding 2; ReLU; 2x2 max-pool; conv2 6->16, 5x5, no padding; ReLU; 2x2 max-pool; flatten
 *   (C, H, W order); fc1 400->120, ReLU, fc2 120->84, ReLU, fc3 84->10. Convolutions and layers have biases.
 * - `resnet8`: x [B, 3, 32, 32]; stem conv 3->16 3x3 padding 1 (`stem.conv.weight`) + batch norm (`stem.norm.scale`, `stem.norm.shift`) + ReLU;
 *   blocks 1..3 of 16, 32, 64 channels, the 2nd and 3rd with stride 2: `blockK.conv1.weight` (3x3, padding 1, the block's stride),
 *   `blockK.norm1.*`, ReLU, `blockK.conv2.weight` (3x3, padding 1), `blockK.norm2.*`, plus the shortcut (identity; in blocks 2 and 3
 *   `blockK.project.weight` 1x1 with the block's stride + `blockK.normp.*`), ReLU; mean over H, W; fc 64->10 (`fc.weight`, `fc.bias`).
 *   No convolution has a bias. Batch norm in training mode: biased variance of the batch, eps 1e-5; running averages are not kept.
 * - `lstm`: tokens [B, T] int32, labels [B, T] int32; `embedding.weight` [V, E]; gates i, f, g, o along axis 0 of `lstm.weightInput` [4H, E],
 *   `lstm.weightHidden` [4H, H], `lstm.bias` [4H] (one bias); zero initial state; head `head.weight` [V, H], `head.bias` at every step.
 * - `gpt`: tokens [B, T] int32, labels [B, T] int32; `tokens.weight` [V, D] + `positions` [T, D]; blocks 0..L-1, pre-norm:
 *   h += attention(norm(h)); h += mlp(norm(h)), with `blockK.norm1.scale/.shift`, `blockK.qkv.weight` [3D, D] (q, k, v along axis 0; heads
 *   are consecutive parts of each) and `.bias`, causal softmax(q k' / sqrt(D / heads)) v, `blockK.out.weight/.bias`, `blockK.norm2.*`,
 *   `blockK.up.weight` [4D, D]/.bias, GELU (exact, erf), `blockK.down.weight/.bias`; then `norm.scale/.shift` (layer norm, eps 1e-5) and
 *   `head.weight` [V, D], `head.bias`. `numbers.heads`.
 *
 * Others:
 * - `hvp`: the `mlp` loss (no update); one step computes the Hessian-vector product H v at the parameters, v under `v.<name>`. Value: v'Hv.
 * - `per-example`: the `mlp` loss of each example alone; one step computes the gradients of all examples, [B, ...] for each parameter, in
 *   memory. Value: the sum of their squares, divided by B.
 * - `update`: no model: one step of an optimizer on the parameters `w0, w1, ...`. The gradients of the first step are the parameters
 *   themselves, as they begin; of all others `g0, g1, ...`, a tenth as large: what a rule remembers of the first step, and how it forgets
 *   it, shows in all that follow, and nothing more is read in a timed step. `numbers.method` is an index into `updateMethods`. Value: the
 *   mean over all parameters of (w at the start - w now) (w at the start + 10 g): how far they went down either gradient.
 * - `function`: w [2] and no model: one step is the value and the gradient of a test function of two variables and `w -= lr g`.
 *   `numbers.function` is an index into `testFunctions`. Value: that of the latest step, before its update.
 *
 * What the machine can do:
 * - `matmul`: a, b [n, n]; one step computes the product. Value: the mean of the squares of its elements.
 * - `copy`: x [n]; one step copies it to other memory by `numbers.threads` threads. Value: the mean of the squares of the copy.
 */
export type Kind =
  | 'mlp'
  | 'lenet'
  | 'resnet8'
  | 'lstm'
  | 'gpt'
  | 'hvp'
  | 'per-example'
  | 'update'
  | 'function'
  | 'matmul'
  | 'copy';

/** Rosenbrock's 100 (y - x^2)^2 + (1 - x)^2; Beale's sum over c_i = 1.5, 2.25, 2.625 of (c_i - x (1 - y^i))^2. */
export const testFunctions = ['rosenbrock', 'beale'] as const;

/**
 * The rules of `update`, all float32:
 * - `sgd-momentum`: m = 0.9 m + g; w -= 0.01 m.
 * - `adamw`: lr 1e-3, betas 0.9, 0.999, eps 1e-8, decoupled weight decay 0.01 (w -= lr (mhat / (sqrt(vhat) + eps) + 0.01 w)).
 * - `lion`: lr 1e-4, betas 0.9, 0.99, weight decay 0.01: w -= lr (sign(0.9 m + 0.1 g) + 0.01 w); m = 0.99 m + 0.01 g.
 * - `adafactor`: Shazeer & Stern 2018, Algorithm 4, no momentum, relative step off: lr 1e-3 constant, beta2_t = 1 - t^-0.8, eps1 1e-30,
 *   clipping threshold 1 on the root mean square of the update of a tensor, no parameter scaling, no decay; factored for matrices.
 * - `muon`: lr 0.02, momentum 0.95 (m = 0.95 m + g), Nesterov (u = g + 0.95 m), 5 Newton-Schulz steps (3.4445, -4.7750, 2.0315) on
 *   u / (|u|_F + 1e-7), transposed when rows > columns; scale sqrt(max(1, rows / columns)); no decay. Float32 throughout, no bfloat16.
 * - `shampoo`: Gupta et al. 2018, Algorithm 1 for matrices: L += g g', R += g' g from eps I (eps 1e-4), w -= 0.01 L^(-1/4) g R^(-1/4),
 *   the roots by eigendecomposition at every step.
 */
export const updateMethods = ['sgd-momentum', 'adamw', 'lion', 'adafactor', 'muon', 'shampoo'] as const;
