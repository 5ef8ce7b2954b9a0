import { escaped } from './html.ts';

/**
 * A document in which Observable Plot draws: elements, attributes and text, and what D3 asks of them. A whole DOM such as linkedom, beside
 * which svg.test.ts draws the same, took a third of the time of a large report.
 */

const namespace = 'http://www.w3.org/2000/svg';

class SvgText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return escaped(this.text);
  }
}

type Child = SvgElement | SvgText;

/** An inline style: CSS properties, by their names in JavaScript or in CSS. */
class Style {
  setProperty(name: string, value: string): void {
    Object.assign(this, { [name]: value });
  }

  toString(): string {
    return Object.entries(this)
      .map(([name, value]) => `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${value}`)
      .join(';');
  }
}

class SvgElement {
  readonly ownerDocument: SvgDocument;
  readonly namespaceURI = namespace;
  readonly localName: string;
  parentNode: SvgElement | null = null;
  readonly #attributes = new Map<string, string>();
  #children: Child[] = [];
  #style: Style | undefined;

  constructor(ownerDocument: SvgDocument, localName: string) {
    this.ownerDocument = ownerDocument;
    this.localName = localName;
  }

  get style(): Style {
    this.#style ??= new Style();
    return this.#style;
  }

  set textContent(text: unknown) {
    this.#children = text == null || text === '' ? [] : [new SvgText(String(text))];
  }

  setAttribute(name: string, value: unknown): void {
    this.#attributes.set(name, String(value));
  }

  getAttribute(name: string): string | null {
    return this.#attributes.get(name) ?? null;
  }

  removeAttribute(name: string): void {
    this.#attributes.delete(name);
  }

  appendChild(child: SvgElement): SvgElement {
    return this.insertBefore(child, null);
  }

  insertBefore(child: SvgElement, next: SvgElement | null): SvgElement {
    child.parentNode?.removeChild(child);
    child.parentNode = this;
    if (next === null) this.#children.push(child);
    else this.#children.splice(this.#children.indexOf(next), 0, child);
    return child;
  }

  removeChild(child: SvgElement): SvgElement {
    this.#children.splice(this.#children.indexOf(child), 1);
    child.parentNode = null;
    return child;
  }

  /** Without style sheets and labels: the style of all charts is in the page once, and the parts of an image need no labels of their own. */
  toString(): string {
    if (this.localName === 'style') return '';
    let text = `<${this.localName}`;
    for (const [name, value] of this.#attributes) {
      if (name !== 'aria-label') text += ` ${name}="${escaped(coordinates.has(name) ? rounded(value) : value)}"`;
    }
    if (this.#style) text += ` style="${escaped(this.#style.toString())}"`;
    return this.#children.length === 0 ? `${text}/>` : `${text}>${this.#children.join('')}</${this.localName}>`;
  }
}

class SvgDocument {
  readonly documentElement = new SvgElement(this, 'svg');

  createElementNS(_: string, name: string): SvgElement {
    return new SvgElement(this, name);
  }
}

const coordinates = new Set(['d', 'x', 'y', 'cx', 'cy', 'x1', 'x2', 'y1', 'y2', 'transform']);

/** To a hundredth of a pixel. */
function rounded(attribute: string): string {
  const point = attribute.indexOf('.');
  if (point < 0) return attribute;
  // A single number, as most are.
  if (/^-?[\d.]+$/.test(attribute)) {
    const cut = attribute.slice(0, point + 3);
    return cut.endsWith('.00') ? cut.slice(0, point) : cut;
  }
  return attribute.replaceAll(/(\d\.\d\d)\d+/g, '$1').replaceAll(/\.00(?!\d)/g, '');
}

/** For Plot's option `document`. What is drawn is text by `toString`. */
export const svgDocument = new SvgDocument() as unknown as Document;
