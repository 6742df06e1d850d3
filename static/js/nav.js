/**
 * The way along the story: a strip of screens in the hand, a menu and keys on a wall.
 *
 * @typedef {{id: string, title: string, question: string}} Entry
 */
import { find, make } from './dom.js';

/** How far a finger must go sideways, and how little up or down, CSS pixels. */
const SWIPE = 80;
const ASTRAY = 50;

export class Nav {
  #element = find('#story');
  #toggle = find('#menu');
  /** @type {Entry[]} */ #entries = [];
  #current = '';
  /** @type {(screen: string) => void} */ #go;
  /** @type {(screen: string) => string} */ #address;
  /** What stands before the screens: ways to look something up. @type {HTMLElement[]} */ #tools;
  /** Where a finger was put down. @type {{x: number, y: number}|null} */ #touch = null;

  /**
   * @param {(screen: string) => void} go shows a screen for the region that is shown
   * @param {(screen: string) => string} address the address of a screen
   * @param {HTMLElement[]} tools what stands before the screens
   * @param {AbortSignal} signal ends what it listens to
   */
  constructor(go, address, tools, signal) {
    this.#tools = tools;
    for (const tool of tools) tool.addEventListener('click', () => this.#open(false));
    this.#go = go;
    this.#address = address;
    this.#toggle.addEventListener('click', () => this.#open(!this.#element.classList.contains('open')));
    addEventListener('keydown', (e) => this.#key(e), { signal });
    addEventListener('touchstart', (e) => {
      const one = e.touches.length === 1 ? e.touches[0] : undefined;
      const inStrip = e.target instanceof Node && this.#element.contains(e.target);
      this.#touch = one && !inStrip ? { x: one.clientX, y: one.clientY } : null;
    }, { passive: true, signal });
    addEventListener('touchend', (e) => this.#lifted(e.changedTouches[0]), { passive: true, signal });
  }

  /** Asks which screens there are. */
  async refresh() {
    try {
      const answer = await fetch('/api/screens', { cache: 'no-store' });
      if (!answer.ok) return;
      this.#entries = await answer.json();
      this.#build();
    } catch {
      // what is known stays; the next hello asks again
    }
  }

  /** @param {string} screen the one that is shown */
  shown(screen) {
    this.#current = screen;
    this.#build();
  }

  #build() {
    this.#element.replaceChildren(...this.#tools, ...this.#entries.map(({ id, title, question }) => {
      const link = make('a', '', title);
      link.href = this.#address(id);
      link.title = question;
      if (id === this.#current) link.setAttribute('aria-current', 'page');
      link.addEventListener('click', (e) => {
        if (e.metaKey || e.ctrlKey || e.shiftKey) return;
        e.preventDefault();
        this.#open(false);
        this.#go(id);
      });
      return link;
    }));
    this.#element.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }

  /** @param {boolean} open */
  #open(open) {
    this.#element.classList.toggle('open', open);
    this.#toggle.setAttribute('aria-expanded', String(open));
  }

  /** @param {number} by */
  #step(by) {
    const at = this.#entries.findIndex((e) => e.id === this.#current);
    const next = this.#entries[(at + by + this.#entries.length) % this.#entries.length];
    if (next && at >= 0) this.#go(next.id);
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (covered() || e.altKey || e.ctrlKey || e.metaKey || e.target instanceof HTMLInputElement || e.target instanceof HTMLSelectElement) return;
    const nth = /^[1-9]$/.test(e.key) ? this.#entries[Number(e.key) - 1] : undefined;
    if (nth) this.#go(nth.id);
    else if (e.key === 'ArrowRight' || e.key === 'PageDown') this.#step(1);
    else if (e.key === 'ArrowLeft' || e.key === 'PageUp') this.#step(-1);
    else if (e.key === 'm') this.#open(!this.#element.classList.contains('open'));
    else if (e.key === 'Escape') this.#open(false);
    else return;
    e.preventDefault();
  }

  /** @param {Touch|undefined} finger */
  #lifted(finger) {
    const from = this.#touch;
    this.#touch = null;
    if (!from || !finger || covered() || document.documentElement.dataset.hand !== 'true') return;
    const [x, y] = [finger.clientX - from.x, finger.clientY - from.y];
    if (Math.abs(x) >= SWIPE && Math.abs(y) <= ASTRAY) this.#step(x < 0 ? 1 : -1);
  }
}

/** A dialog lies over the screen: keys and fingers are its own. */
function covered() {
  return document.querySelector('dialog[open]') !== null;
}
