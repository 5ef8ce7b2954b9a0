import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { svgDocument } from './svg.ts';

const html = () => parseHTML('<!doctype html><html><body></body></html>').document;

/** An element with its attributes, sorted, and what is in it; style sheets and labels of the parts left out, as charts leave them out. */
function treeOf(element: Element): unknown {
  const attributes = [...element.attributes].filter(({ name }) => name !== 'aria-label');
  return {
    name: element.localName,
    attributes: Object.fromEntries(attributes.map(({ name, value }) => [name, value]).sort()),
    text: element.children.length === 0 ? element.textContent : null,
    inside: [...element.children].filter(({ localName }) => localName !== 'style').map(treeOf),
  };
}

const parsed = (text: string): Element => {
  const document = html();
  document.body.innerHTML = text;
  return document.body.firstElementChild as unknown as Element;
};

// Coordinates are whole numbers, so that rounding changes nothing.
const points = [
  { x: 0, y: 4, name: 'a < b & "c"' },
  { x: 2, y: 0, name: 'two\nlines' },
  { x: 4, y: 2, name: 'third' },
];

/** Every mark that the report draws, with axes of both kinds. */
const options = (document: Document): Plot.PlotOptions => ({
  document,
  className: 'plot',
  width: 140,
  height: 140,
  margin: 20,
  style: { background: 'none', overflow: 'visible', fontSize: '12px' },
  x: { domain: [0, 4], ticks: [0, 2, 4], label: 'x <axis>' },
  y: { domain: [0, 4], ticks: [0, 2, 4], grid: true },
  marks: [
    Plot.areaY(points, { x: 'x', y1: 'y', y2: 4, fill: 'var(--c1)', fillOpacity: 0.1 }),
    Plot.lineY(points, { x: 'x', y: 'y', strokeDasharray: '6,3' }),
    Plot.link(points, { x1: 'x', y1: 'y', x2: 4, y2: 4 }),
    Plot.ruleX(points, { x: 'x', y1: 0, y2: 'y' }),
    Plot.ruleY([2], { strokeOpacity: 0.8 }),
    Plot.dot(points, { x: 'x', y: 'y', r: 4, fill: ({ x }: { readonly x: number }) => `var(--c${x})` }),
    Plot.text(points, { x: 'x', y: 'y', text: 'name', dx: 4, lineAnchor: 'top' }),
  ],
});

describe('charts drawn without a whole DOM', () => {
  test('are those drawn with one', () => {
    const whole = Plot.plot(options(html() as unknown as Document)) as unknown as Element;
    const ours = String(Plot.plot(options(svgDocument)));
    expect(treeOf(parsed(ours))).toEqual(treeOf(parsed(whole.outerHTML)));
  });

  test('have coordinates to a hundredth of a pixel, and say what texts say', () => {
    const element = svgDocument.createElementNS('http://www.w3.org/2000/svg', 'text');
    element.setAttribute('x', '1.23456');
    element.setAttribute('y', '2.00321');
    element.setAttribute('opacity', '0.12345');
    element.textContent = 'a < b';
    expect(String(element)).toBe('<text x="1.23" y="2" opacity="0.12345">a &lt; b</text>');
  });
});
