/**
 * The frame of a panel: its title, what stands beside it, and its body.
 *
 * @import {Amount, Check, PanelSpec} from '../types.js'
 */
import { make, say } from '../dom.js';
import { failure } from '../truth.js';

export class Shell {
  /** @type {PanelSpec} */ spec;
  /** @type {HTMLElement} */ element;
  /** @type {HTMLElement} */ body;
  #title = make('h2');
  #unit = make('p', 'note unit');
  #total = make('p', 'total');
  #fault = make('p', 'fault');
  #footnote = make('p', 'footnote');

  /** @param {PanelSpec} spec */
  constructor(spec) {
    this.spec = spec;
    this.body = make('div', 'body');
    const head = make('header', '', this.#title, this.#unit);
    if (spec.note) head.append(make('p', 'note', spec.note));
    head.append(this.#fault, this.#total);
    this.element = make('section', `panel ${spec.kind}`, head, this.body, this.#footnote);
    this.element.id = `panel-${spec.id}`;
    this.element.style.gridArea = spec.area;
    this.element.setAttribute('aria-label', spec.title);
    say(this.#title, spec.title);
  }

  /** Puts something at the right end of the head. @param {HTMLElement} element */
  aside(element) {
    this.element.firstElementChild?.append(element);
  }

  /** Sets what changes around the body. @param {{title?: string, unit?: string, total?: Amount, footnote?: string}} head */
  head({ title, unit, total, footnote }) {
    say(this.#title, title || this.spec.title);
    say(this.#unit, unit ?? '');
    say(this.#total, total ? `合计 ${total.text}${total.unit}` : '');
    say(this.#footnote, footnote ?? '');
  }

  /**
   * Says in words where the panel's check does not hold in a region.
   * @param {Check[]} checks
   * @param {string} region
   */
  checked(checks, region) {
    const check = checks.find((c) => c.id === this.spec.check);
    say(this.#fault, failure(check, region));
  }
}
