import { colorOf, dashOf } from './draw.ts';
import { type Html, html } from './html.ts';

/** The coloured mark that stands for a competitor on the whole page, and its name. Where colours repeat, the mark is hollow. */
export const named = ({ place }: { place(label: string): number }, label: string): Html => {
  const at = place(label);
  const color = colorOf(at);
  const look = dashOf(at) === undefined ? `background:${color}` : `border:2.5px solid ${color}`;
  return html`<span class="swatch" style="${look}"></span>${label}`;
};
