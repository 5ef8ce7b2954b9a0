import { describe, expect, test } from 'vitest';
import { dark, light } from './style.ts';

/** Relative luminance and contrast ratio of WCAG 2.2. */
function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

test('contrast is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 10);
  // From the examples of WebAIM's contrast checker.
  expect(contrast('#0000ff', '#ffffff')).toBeCloseTo(8.59, 2);
});

describe.each(Object.entries({ light, dark }))('in %s', (_, theme) => {
  test('text of every kind can be read on every ground', () => {
    for (const ground of [theme.page, theme.card, theme.mark]) {
      for (const text of [theme.ink, theme.soft, theme.accent, theme.warn]) {
        expect(contrast(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    }
    expect(contrast(theme.card, theme.accent), 'buttons').toBeGreaterThanOrEqual(4.5);
  });

  test("competitors' colours can be seen, and no two are the same", () => {
    expect(new Set(theme.palette).size).toBe(theme.palette.length);
    for (const color of theme.palette) expect(contrast(color, theme.card), color).toBeGreaterThanOrEqual(3);
  });
});
