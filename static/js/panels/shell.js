/**
 * The frame of a panel: its title, what stands beside it, and its body.
 *
 * @import {Amount, Check, PanelSpec} from '../types.js'
 */
import { make, say } from '../dom.js';
import { sentence } from '../said.js';
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
  /** What is to be said of a chart when there is time for it. @type {any} */ #unsaid = null;

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

  /** Sets what changes around the body. @param {{title?: string, unit?: string, total?: Amount, footnote?: string}} data */
  head(data) {
    const { title, unit, total, footnote } = data;
    if (this.#unsaid === null && this.body.querySelector('.canvas')) later(() => this.#tell());
    this.#unsaid = data;
    say(this.#title, title || this.spec.title);
    say(this.#unit, unit ?? '');
    say(this.#total, total ? `合计 ${total.text}${total.unit}` : '');
    say(this.#footnote, footnote ?? '');
  }

  /** Says the chart's figures to those who do not see it: not in the frame in which it is drawn. */
  #tell() {
    const canvas = this.body.querySelector('.canvas');
    const said = sentence(this.#unsaid?.title || this.spec.title, this.#unsaid ?? {});
    this.#unsaid = null;
    canvas?.setAttribute('role', 'img');
    canvas?.setAttribute('aria-label', said);
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

/** @param {() => void} act */
function later(act) {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(act, { timeout: 1000 });
  else setTimeout(act, 200);
}
