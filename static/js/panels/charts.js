/**
 * The charts of a page. They are drawn by a thread of their own (thread.js), before the moment at
 * which they are to be seen; the page has but to change what is changed.
 *
 * @import {Edit} from './edits.js'
 * @typedef {{width: number, height: number}} Size in units of the wall
 * @typedef {object} Order what the thread is to do
 * @property {number} chart 0: nothing of a chart
 * @property {number} order
 * @property {Size} [size]
 * @property {boolean} [coarse] whether it is touched by fingers; of a new chart
 * @property {any} [option] all of it, instead of what was
 * @property {any} [given] data, laid over the option
 * @property {number[]} [marked] the rows whose numbers have just changed
 * @property {[number, number]} [point] what was touched, in units from the corner
 * @property {true} [gone] the chart is no more
 * @property {Record<string, any>} [maps] to be known by their names
 *
 * @typedef {object} Answer
 * @property {number} chart
 * @property {number} order 0: it comes later
 * @property {Size} [size] of the picture
 * @property {Edit[]} edits what leads to the new picture, from the one before without its marks
 * @property {Edit[]} [unmark] nothing new, but what takes the marks away
 * @property {string} [key] of the row that was touched; empty where there is none
 * @property {string} [fault]
 */
import { forget, noted } from '../mark.js';
import { Sheet } from './edits.js';

/** A thread that says nothing for so long is taken for dead, ms: one that has just begun has much to read. */
const PATIENCE = 5000;
const FIRST_PATIENCE = 20_000;

/** The pause before another one begins, ms. */
const AGAIN = 1000;

export class Charts {
  /** Null while there is none. @type {Worker|null} */ #thread;
  /** Whether it has said anything yet. */ #heard = false;
  /** Whether it has to draw first what another drew before it: nobody waits for that. */ #behind = false;
  /** @type {Map<number, Chart>} */ #all = new Map();
  /** @type {Record<string, any>} */ #maps = {};
  #named = 0;
  #orders = 0;
  /** Orders that are not answered. @type {Set<number>} */ #open = new Set();
  /** What waits for all of them. @type {Set<() => void>} */ #waiting = new Set();
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #watch;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #again;

  constructor() {
    this.#thread = this.#begin();
  }

  #begin() {
    const thread = new Worker(new URL('./thread.js', import.meta.url), { type: 'module' });
    thread.onmessage = (e) => this.#answered(e.data);
    thread.onerror = (e) => {
      e.preventDefault();
      this.#lost(e.message);
    };
    this.#heard = false;
    return thread;
  }

  /** Another thread draws all of them anew; figures go on meanwhile. @param {string} why */
  #lost(why) {
    if (!this.#thread) return;
    console.warn(`the thread that draws charts is begun anew: ${why}`);
    this.#thread.onmessage = this.#thread.onerror = null;
    this.#thread.terminate();
    this.#thread = null;
    this.#behind = true;
    this.#open.clear();
    this.#look();
    this.#again = setTimeout(() => {
      this.#thread = this.#begin();
      this.register(this.#maps);
      for (const chart of this.#all.values()) chart.again();
    }, AGAIN);
  }

  /** Makes maps known by their names. @param {Record<string, any>} maps */
  register(maps) {
    this.#maps = { ...this.#maps, ...maps };
    this.#thread?.postMessage({ chart: 0, order: 0, maps });
  }

  /** @param {(key: string) => void} pick called with the key of what is touched */
  make(pick) {
    const id = ++this.#named;
    const chart = new Chart((what) => this.#order({ ...what, chart: id, order: what.gone ? 0 : ++this.#orders }), pick, () => this.#all.delete(id));
    this.#all.set(id, chart);
    return chart;
  }

  /** @param {Order} order */
  #order(order) {
    if (!this.#thread) return; // the next one is asked for all of it
    this.#thread.postMessage(order);
    if (order.order === 0) return; // nothing is answered
    this.#open.add(order.order);
    if (this.#open.size > 1) return;
    document.documentElement.dataset.charts = 'drawing';
    this.#wait();
  }

  /** Waits for what the thread says. */
  #wait() {
    this.#watch = setTimeout(() => this.#lost('it does not answer'), this.#heard ? PATIENCE : FIRST_PATIENCE);
  }

  /** @param {Answer} answer */
  #answered(answer) {
    this.#heard = true;
    if (answer.fault) console.error(answer.fault);
    this.#all.get(answer.chart)?.answered(answer);
    if (!this.#open.delete(answer.order)) return;
    if (this.#open.size === 0) this.#behind = false;
    this.#look();
  }

  #look() {
    clearTimeout(this.#watch);
    if (this.#open.size > 0) {
      this.#wait();
      return;
    }
    delete document.documentElement.dataset.charts;
    for (const run of this.#waiting) {
      this.#waiting.delete(run);
      run();
    }
  }

  /** Whether all is drawn that is to be waited for. */
  get drawn() {
    return this.#behind || this.#open.size === 0;
  }

  /**
   * Runs something once all is drawn that is to be waited for: now, where it is.
   * @param {() => void} run
   * @returns {() => void} ends the wait
   */
  whenDrawn(run) {
    if (this.drawn) run();
    else this.#waiting.add(run);
    return () => this.#waiting.delete(run);
  }

  /** Ends all of them. */
  dispose() {
    clearTimeout(this.#watch);
    clearTimeout(this.#again);
    this.#thread?.terminate();
    this.#all.clear();
    this.#waiting.clear();
  }
}

/** One of them: its picture on the page, and what the thread has told of the next. */
export class Chart {
  #sheet = new Sheet();
  /** @type {(what: Partial<Order>) => void} */ #order;
  /** @type {(key: string) => void} */ #pick;
  /** @type {() => void} */ #end;
  /** All that it is drawn from. @type {{size?: Size, option?: any, given?: any}} */ #from = {};
  /** Whether what the thread tells is to be seen later, and what it has told. */ #hold = false;
  /** @type {Answer[]} */ #held = [];
  /** What takes away the marks that are on the page. @type {Edit[]|null} */ #unmark = null;
  /** A click that goes on once it is known what was touched. @type {MouseEvent|null} */ #touch = null;
  /** Whether a thread has begun with nothing that is on the page. */ #anew = false;

  /**
   * @param {(what: Partial<Order>) => void} order
   * @param {(key: string) => void} pick
   * @param {() => void} end
   */
  constructor(order, pick, end) {
    this.#order = order;
    this.#pick = pick;
    this.#end = end;
    this.#sheet.element.addEventListener('click', (e) => this.#clicked(e));
  }

  /** The thread knows what was touched: the click goes on when it has told. @param {MouseEvent} e */
  #clicked(e) {
    if (e === this.#touch) return;
    e.stopPropagation();
    const { clientX, clientY } = e;
    this.#touch = new MouseEvent('click', { bubbles: true, cancelable: true, clientX, clientY });
    const { left, top, width } = this.element.getBoundingClientRect();
    const unit = width / (this.#from.size?.width || width) || 1;
    this.#order({ point: [(clientX - left) / unit, (clientY - top) / unit] });
  }

  get element() {
    return this.#sheet.element;
  }

  /**
   * Begins to draw. It is seen when show is called, not before.
   * @param {{option?: any, given: any, marked: number[]}} what
   */
  draw({ option, given, marked }) {
    this.#hold = true;
    this.#from = { ...this.#from, ...(option && { option }), given };
    this.#order({ ...(option && { option }), given, marked });
  }

  /** What was begun is seen from now on. */
  show() {
    this.#hold = false;
    for (const answer of this.#held) this.#change(answer);
    this.#held = [];
  }

  /** @param {Size} size */
  resize(size) {
    if (size.width === this.#from.size?.width && size.height === this.#from.size.height) return;
    this.#from.size = size;
    this.#order({ size, coarse: 'ontouchstart' in window });
  }

  /** All of it is asked for, of a thread that knows nothing. */
  again() {
    this.#held = [];
    this.#anew = true;
    if (this.#from.size) this.#order({ ...this.#from, coarse: 'ontouchstart' in window });
  }

  /** @param {Answer} answer */
  answered(answer) {
    if (answer.key !== undefined) {
      if (answer.key) this.#pick(answer.key);
      if (this.#touch) this.element.dispatchEvent(this.#touch);
      this.#touch = null;
    } else if (this.#hold) this.#held.push(answer);
    else this.#change(answer);
  }

  /** @param {Answer} answer */
  #change({ size, edits, unmark }) {
    if (unmark) {
      this.#unmark = unmark;
      noted(this, () => this.#clean());
      return;
    }
    if (this.#anew) this.#sheet.clear();
    else this.#clean(); // edits begin without marks
    this.#anew = false;
    if (size) this.#sheet.resize(size);
    this.#sheet.change(edits);
  }

  /** Takes the marks away. */
  #clean() {
    forget(this);
    if (this.#unmark) this.#sheet.change(this.#unmark);
    this.#unmark = null;
  }

  dispose() {
    forget(this);
    this.#order({ gone: true });
    this.#end();
  }
}
