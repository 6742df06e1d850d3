/**
 * What becomes of a chart's picture from one drawing to the next: the thread that draws says
 * it, the page does it. A picture is a tree of SVG elements, each with a name of its own.
 *
 * @typedef {{tag: string, key: string, attrs?: Record<string, Value>, children?: Node[], text?: string}} Node
 *   an element as ECharts gives it (zrender's virtual node); its key is its own among its neighbours
 * @typedef {string|number|boolean|null|undefined} Value of an attribute: none where it is null, undefined or false
 * @typedef {{tag: string, within: string, attrs: Record<string, Value>, text: string}} Part within: the name of what it is in; '' is the whole
 * @typedef {Map<string, Part>} Picture in the order in which they are drawn
 * @typedef {{name: string, gone?: true, add?: string, within?: string, after?: string, attrs?: Record<string, Value>, text?: string}} Edit
 *   gone: it is taken out. add: it is made, with this tag. after: it stands behind that one of its
 *   neighbours, '' for the first of them; without, it stays where it is. attrs: only those that change
 */

/** What ECharts writes for those who touch a picture without it. */
const META = 'ecmeta_';

/**
 * The elements within a tree's root, by their names. It takes the tree for its own.
 * @param {Node} root
 * @returns {Picture}
 */
export function picture(root) {
  /** @type {Picture} */
  const all = new Map();
  /** @param {Node} node @param {string} within */
  const walk = (node, within) => {
    for (const child of node.children ?? []) {
      const name = `${within}/${child.key}`;
      const attrs = child.attrs ?? {};
      for (const key in attrs) if (key.startsWith(META)) delete attrs[key];
      all.set(name, { tag: child.tag, within, attrs, text: child.text ?? '' });
      walk(child, name);
    }
  };
  walk(root, '');
  return all;
}

/**
 * What leads from one picture to another.
 * @param {Picture} from
 * @param {Picture} to
 * @returns {Edit[]}
 */
export function edits(from, to) {
  /** @type {Edit[]} */
  const out = [];
  /** Whether it is there before and after, and all that it is in. @param {string} name @returns {boolean} */
  const kept = (name) => {
    const [was, is] = [from.get(name), to.get(name)];
    return was !== undefined && was.tag === is?.tag && (was.within === '' || kept(was.within));
  };
  for (const name of from.keys()) if (!kept(name)) out.push({ name, gone: true });
  // What is kept stays where it is as long as it comes in the order of before; what does not is put in its place.
  const places = new Map([...from.keys()].map((name, i) => [name, i]));
  /** The neighbour that was last, and the place of the last that stayed. @type {Map<string, {after: string, place: number}>} */
  const ends = new Map();
  for (const [name, part] of to) {
    const end = ends.get(part.within) ?? { after: '', place: -1 };
    const was = kept(name) ? from.get(name) : undefined;
    const place = places.get(name) ?? -1;
    if (!was) out.push({ name, add: part.tag, within: part.within, after: end.after, attrs: part.attrs, text: part.text });
    else {
      const moved = place < end.place ? { after: end.after } : {};
      const attrs = changed(was.attrs, part.attrs);
      const text = was.text === part.text ? {} : { text: part.text };
      const edit = { name, ...moved, ...(attrs && { attrs }), ...text };
      if (Object.keys(edit).length > 1) out.push(edit);
    }
    ends.set(part.within, { after: name, place: was ? Math.max(place, end.place) : end.place });
  }
  return out;
}

/**
 * The attributes that change, null for those that go; null where none does.
 * @param {Record<string, Value>} from
 * @param {Record<string, Value>} to
 */
function changed(from, to) {
  /** @type {Record<string, Value>} */
  const out = {};
  for (const key in from) if (!(key in to)) out[key] = null;
  for (const key in to) if (from[key] !== to[key]) out[key] = to[key];
  return Object.keys(out).length > 0 ? out : null;
}

const SVG = 'http://www.w3.org/2000/svg';
const XML = 'http://www.w3.org/XML/1998/namespace';

/** A picture on the page. */
export class Sheet {
  element = document.createElementNS(SVG, 'svg');
  /** @type {Map<string, SVGElement>} */ #parts = new Map([['', this.element]]);

  /** @param {{width: number, height: number}} size */
  resize({ width, height }) {
    set(this.element, 'width', width);
    set(this.element, 'height', height);
  }

  clear() {
    this.element.replaceChildren();
    this.#parts = new Map([['', this.element]]);
  }

  /** @param {Edit[]} all */
  change(all) {
    for (const { name, gone, add, within, after, attrs, text } of all) {
      if (gone) {
        this.#parts.get(name)?.remove();
        this.#parts.delete(name);
        continue;
      }
      let part = this.#parts.get(name);
      if (add) this.#parts.set(name, part = /** @type {SVGElement} */ (document.createElementNS(SVG, add)));
      if (!part) continue;
      for (const key in attrs) set(part, key, attrs[key]);
      if (text !== undefined && (text !== '' || !add)) {
        if (part.firstChild instanceof Text) part.firstChild.data = text;
        else part.textContent = text;
      }
      if (after === undefined) continue;
      const parent = add ? this.#parts.get(within ?? '') : part.parentNode;
      const before = after === '' ? parent?.firstChild : this.#parts.get(after)?.nextSibling;
      parent?.insertBefore(part, before ?? null);
    }
  }
}

/** @param {SVGElement} part @param {string} key @param {Value} value */
function set(part, key, value) {
  if (value === null || value === undefined || value === false) part.removeAttribute(key);
  else if (key === 'style') part.style.cssText = String(value);
  else if (key.startsWith('xml:')) part.setAttributeNS(XML, key, String(value));
  else part.setAttribute(key, value === true ? '' : String(value));
}
