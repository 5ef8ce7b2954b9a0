/** What the page of a method, wrapper or schedule says beyond its code. */
export interface About {
  /** The rule in LaTeX (KaTeX), one display line each; symbols as in the docstring. */
  readonly equations: readonly string[];
  /** When to use it and when not, in one to three sentences. */
  readonly use: string;
  /** Its relatives by id, and what this one does otherwise: { adamw: 'the decay is inside the gradient' }. */
  readonly relatives: Readonly<Record<string, string>>;
  /** Where papers and well-known implementations disagree on this rule. */
  readonly disagreements?: readonly Disagreement[];
}

/** One fork in the road: a documented fact, and a tested one unless `untested` says why not. */
export interface Disagreement {
  /** Who does it otherwise, with a version where it is code: 'optax 0.2.8, optax.lion'. */
  readonly who: string;
  /** What they do. */
  readonly what: string;
  /** What we do, and why. */
  readonly ours: string;
  /** Code that gives their form here, where some does, alternatives joined by ' or ': "form: 'pytorch'", 'decayAll(lamb())'. */
  readonly option?: string;
  /** Why no test here can show it, where none can: it is about a text, about an earlier version, or about the data of an experiment. */
  readonly untested?: string;
  /** Is it a fault (an implementation does not do what its paper says, or what it says itself), or a fork (both are defensible)? */
  readonly kind: 'fault' | 'fork';
}
