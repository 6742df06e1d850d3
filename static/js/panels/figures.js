/**
 * The strip of headline figures, and the single figure.
 *
 * @import {Amount, PanelSpec, PanelUpdate} from '../types.js'
 * @typedef {Amount & {id: string, label: string, beside?: Amount}} Figure
 */
import { make, say } from '../dom.js';
import { mark } from '../mark.js';
import { Shell } from './shell.js';

/** @type {Amount} */
const NONE = { value: null, text: '', unit: '', state: 'ok' };

export class FiguresPanel {
  /** @type {Shell} */ shell;
  /** @type {Map<string, {value: Numeral, beside: Numeral}>} */ #figures = new Map();

  /** @param {PanelSpec} spec */
  constructor(spec) {
    this.shell = new Shell(spec);
  }

  /** @param {PanelUpdate} update @param {boolean} anew a scene begins: nothing has changed */
  draw(update, anew) {
    for (const figure of /** @type {Figure[]} */ (update.data.figures)) {
      let parts = this.#figures.get(figure.id);
      if (!parts) {
        parts = { value: new Numeral('value'), beside: new Numeral('beside') };
        this.#figures.set(figure.id, parts);
        const item = make('div', 'number', make('h3', '', figure.label), parts.value.element, parts.beside.element);
        item.dataset.figure = figure.id;
        this.shell.body.append(item);
      }
      parts.value.set(figure, anew);
      // One word is enough where there is no figure.
      const beside = figure.state === 'ok' ? figure.beside : undefined;
      parts.beside.set(beside ?? NONE, anew);
    }
  }

  resize() {}
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
