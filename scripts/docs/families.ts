const titles: Readonly<Record<string, string>> = {
  'first-order': 'First order',
  adaptive: 'Adaptive step sizes',
  'layer-wise': 'Layer-wise step sizes',
  matrix: 'Matrices as matrices',
  'low-memory': 'Little memory',
  'tuning-free': 'Tuning-free',
  'step-sizes': 'Step sizes from the loss',
  averaging: 'Averaging',
  curvature: 'Curvature',
  'variance-reduction': 'Variance reduction',
  'zeroth-order': 'Zeroth order',
  wrappers: 'Wrappers',
  schedules: 'Schedules',
};

/** In the order of the side bar; a folder that is not named here comes after them, before wrappers and schedules. */
export const familyTitle = (family: string): string =>
  titles[family] ?? family.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase());

export function familiesOf(pages: readonly { readonly family: string }[]): string[] {
  const last = ['wrappers', 'schedules'];
  const order = Object.keys(titles).filter((family) => !last.includes(family));
  const found = [...new Set(pages.map(({ family }) => family))];
  const place = (family: string) => (last.includes(family) ? Number.POSITIVE_INFINITY : order.indexOf(family) >>> 0);
  return found.sort((a, b) => place(a) - place(b) || last.indexOf(a) - last.indexOf(b) || (a < b ? -1 : 1));
}
