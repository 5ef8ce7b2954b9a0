/** Compiles only if what the browser's module has in common with Node's has the same types. A name that it lacks stops the bundler. */
type Twin<Node, Browser extends Pick<Node, keyof Node & keyof Browser>> = Browser;

/** Every `x.ts` with an `x.browser.ts` beside it. */
export type Twins = [
  Twin<typeof import('../data/files.ts'), typeof import('../data/files.browser.ts')>,
  Twin<typeof import('../lab/machine.ts'), typeof import('../lab/machine.browser.ts')>,
  Twin<typeof import('../lab/store.ts'), typeof import('../lab/store.browser.ts')>,
  Twin<typeof import('../lab/worker-pool.ts'), typeof import('../lab/worker-pool.browser.ts')>,
  Twin<typeof import('../runtime/auto/rule.ts'), typeof import('../runtime/auto/rule.browser.ts')>,
  Twin<typeof import('../runtime/onnx/session.ts'), typeof import('../runtime/onnx/session.browser.ts')>,
  Twin<typeof import('../train/checkpoint.ts'), typeof import('../train/checkpoint.browser.ts')>,
];
