/**
 * The kinds that say figures by their names: the strip of headlines and the single one,
 * facts one below the other, gauges.
 *
 * @import {Amount, PanelSpec, PanelUpdate} from '../types.js'
 * @typedef {Amount & {id: string, label: string, beside?: Amount, what?: string, change?: Amount, target?: number}} Figure
 */
import { make, say } from '../dom.js';
import { mark } from '../mark.js';
import { Shell } from './shell.js';

/** @type {Amount} */
const NONE = { value: null, text: '', unit: '', state: 'ok' };

export class FiguresPanel {
  /** @type {Shell} */ shell;
  /** @type {Map<string, {label: HTMLElement, value: Numeral, beside: Numeral, what: HTMLElement, change: HTMLElement, track?: Track}>} */ #figures = new Map();

  /** @param {PanelSpec} spec */
  constructor(spec) {
    this.shell = new Shell(spec);
  }

  /** @param {PanelUpdate} update @param {boolean} anew a scene begins: nothing has changed */
  draw(update, anew) {
    for (const figure of /** @type {Figure[]} */ (update.data.figures)) {
      const parts = this.#figures.get(figure.id) ?? this.#add(figure);
      say(parts.label, figure.label);
      parts.value.set(figure, anew);
      // One word is enough where there is no figure.
      const beside = figure.state === 'ok' ? figure.beside : undefined;
      parts.beside.set(beside ?? NONE, anew);
      say(parts.what, beside ? figure.what ?? '' : '');
      say(parts.change, figure.change ? `较昨日 ${figure.change.text}` : '');
      parts.track?.set(figure);
    }
  }

  /** @param {Figure} figure */
  #add({ id, label }) {
    const parts = { label: make('h3', '', label), value: new Numeral('value'), beside: new Numeral('beside'), what: make('span', 'what'), change: make('span', 'change'), track: this.shell.spec.kind === 'gauge' ? new Track() : undefined };
    this.#figures.set(id, parts);
    const item = make('div', 'number', parts.label, parts.value.element, parts.beside.element);
    parts.beside.element.prepend(parts.what);
    parts.beside.element.append(parts.change);
    if (parts.track) item.append(parts.track.element);
    item.dataset.figure = id;
    this.shell.body.append(item);
    this.shell.body.dataset.count = String(this.#figures.size);
    return parts;
  }

  resize() {}

  dispose() {}
}

/** A number with its unit, which marks itself where it changes. */
class Numeral {
  #text = make('b');
  #unit = make('i');

  /** @param {string} name */
  constructor(name) {
    this.element = make('p', name, this.#text, this.#unit);
  }

  /** @param {Amount} amount @param {boolean} anew */
  set(amount, anew) {
    const changed = say(this.#text, amount.text);
    say(this.#unit, amount.unit);
    this.element.dataset.state = amount.state;
    if (changed && !anew) mark(this.#text);
  }
}

/** A rate on a track from 0 to 100 %, with what it should reach. */
class Track {
  #part = make('span', 'part');
  #target = make('span', 'target');
  element = make('div', 'track', this.#part, this.#target);

  /** @param {Figure} figure */
  set({ value, target }) {
    this.#part.style.width = `${Math.min(Math.max(value ?? 0, 0), 100)}%`;
    this.#target.hidden = !target;
    this.#target.style.left = `${target ?? 0}%`;
  }
}
