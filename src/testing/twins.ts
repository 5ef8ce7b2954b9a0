/** Compiles only if what the browser's module has in common with Node's has the same types. A name that it lacks stops the bundler. */
type Twin<Node, Browser extends Pick<Node, keyof Node & keyof Browser>> = Browser;

/** Every `x.ts` with an `x.browser.ts` beside it. */
export type Twins = [
  Twin<typeof import('../data/files.ts'), typeof import('../data/files.browser.ts')>,
  Twin<typeof import('../lab/load-module.ts'), typeof import('../lab/load-module.browser.ts')>,
  Twin<typeof import('../lab/machine.ts'), typeof import('../lab/machine.browser.ts')>,
  Twin<typeof import('../lab/store/open.ts'), typeof import('../lab/store/open.browser.ts')>,
  Twin<typeof import('../lab/report-file.ts'), typeof import('../lab/report-file.browser.ts')>,
  Twin<typeof import('../lab/run/worker-pool.ts'), typeof import('../lab/run/worker-pool.browser.ts')>,
  Twin<typeof import('../runtime/auto/rule.ts'), typeof import('../runtime/auto/rule.browser.ts')>,
  Twin<typeof import('../runtime/onnx/session.ts'), typeof import('../runtime/onnx/session.browser.ts')>,
  Twin<typeof import('../train/checkpoint-files.ts'), typeof import('../train/checkpoint-files.browser.ts')>,
];
