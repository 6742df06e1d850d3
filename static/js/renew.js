/**
 * A page renews itself behind the picture, when a newer server brings a newer one and once a
 * night: weeks without a hand leave nothing behind. The new page is loaded in a frame that lies
 * over the old one unseen, and takes its place, in one frame of the display, when it has drawn
 * the same scene and is as far. The document that was opened stays, and so do fullscreen and the
 * window; it becomes the holder of the frame that is shown, and gives way to nothing. A frame
 * that is taken away takes all along that it has loaded, which a module never does.
 *
 * Pages of different versions share a document here. They know of each other: the frame's id,
 * its event "renew", and data-batch, data-truth, data-screen and data-region of the root.
 */

/** The frame's id, and what a page in it asks its holder by. */
const FRAME = 'renewed';
/** How often the holder looks, ms. */
const LOOK = 250;
/** The time that a new page may take, and the one before it is tried again, ms. */
const PATIENCE = 60_000;
const AGAIN = 300_000;
/** A page that somebody uses is not taken away, for so long after the last touch, ms. */
const IN_USE = 60_000;
/** How long a page that has drawn is left to itself: charts are drawn in the frames that follow, ms. */
const SETTLED = 500;
/** For one build at most once in this time: two servers of different builds may share an address, ms. */
const EACH = 3_600_000;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Midnight in Asia/Shanghai is so long after that of UTC's days. */
const ZONE = 8 * HOUR;
/** The quiet hours begin at 3, and are two; each display has its own moment in them. */
const QUIET = 3 * HOUR;
const QUIETS = 2 * HOUR;
/** A page that is younger stays. */
const YOUNG = 6 * HOUR;

/**
 * The moment of the next quiet night at which a page renews itself.
 * @param {number} opened when it was opened, ms
 * @param {number} share from 0 to 1: where in the quiet hours
 */
export function quiet(opened, share) {
  const from = opened + YOUNG;
  const at = Math.floor((from + ZONE) / DAY) * DAY - ZONE + QUIET + share * QUIETS;
  return at >= from ? at : at + DAY;
}

/**
 * Whether a page may renew itself for a build, by what it has kept of those before.
 * @param {string|null} kept the builds and when, as the session keeps them
 * @param {string} build
 * @param {number} now
 * @returns {string|null} what to keep; null: it was done lately
 */
export function once(kept, build, now) {
  /** @type {Record<string, number>} */
  let before = {};
  try {
    before = JSON.parse(kept ?? '{}') ?? {};
  } catch {
    // nothing that was kept by us
  }
  const fresh = Object.entries(before).filter(([, at]) => now - at < EACH && at <= now);
  if (fresh.some(([b]) => b === build)) return null;
  return JSON.stringify({ ...Object.fromEntries(fresh), [build]: now });
}

/** The page that a document shows: itself, or the one in its frame. @typedef {Window & typeof globalThis} Page */

export class Renewal {
  #build;
  /** @type {() => number} */ #now;
  /** @type {() => number} */ #random;
  /** @type {() => void} */ #retire;
  /** @type {number|null} */ #due = null;
  /** The frame that is shown in place of this page. @type {HTMLIFrameElement|null} */ #shown = null;
  /** The one that is on its way. @type {HTMLIFrameElement|null} */ #coming = null;
  #touched = -Infinity;
  /** When a renewal that could not be is tried again, ms of this page. */ #again = 0;
  #wanted = false;

  /**
   * @param {{build: string, now: () => number, random: () => number, retire: () => void}} page now: the server's
   *   clock; retire: ends all that the page does, without touching what is seen
   */
  constructor({ build, now, random, retire }) {
    this.#build = build;
    this.#now = now;
    this.#random = random;
    this.#retire = retire;
    this.#use(/** @type {Page} */ (window));
  }

  /** The server has said which build it is. @param {string} build */
  hello(build) {
    if (!build || build === this.#build) return;
    const keep = once(sessionStorage.getItem('renewed-for'), build, this.#now());
    if (keep === null) return;
    void fetch(location.href, { cache: 'reload' }).then(async (answer) => {
      // Behind one address there may be a server of before that has no other page.
      const page = answer.ok ? await answer.text() : '';
      if (!page.includes('liaowang-build') || page.includes(`content="${this.#build}"`)) return;
      sessionStorage.setItem('renewed-for', keep);
      this.#ask();
    }).catch(() => {}); // the server is not there for pages yet: the next hello tries again
  }

  /** To be called now and then while the page is connected. */
  tick() {
    const now = this.#now();
    this.#due ??= quiet(now, this.#random());
    if (now < this.#due) return;
    this.#due = quiet(now, this.#random());
    this.#ask();
  }

  /** Asks for a new page: the holder of this one, or it becomes a holder. */
  #ask() {
    if (frameElement?.id === FRAME) {
      frameElement.dispatchEvent(new Event('renew'));
      return;
    }
    if (this.#wanted) return;
    this.#wanted = true;
    this.#look();
  }

  /** Notes when a page is touched. @param {Page} page */
  #use(page) {
    for (const type of ['pointerdown', 'keydown', 'wheel']) {
      page.addEventListener(type, () => { this.#touched = performance.now(); }, { capture: true, passive: true });
    }
  }

  /** The page that is seen. @returns {Page} */
  get #page() {
    return /** @type {Page} */ (this.#shown?.contentWindow ?? window);
  }

  get #busy() {
    const { document: seen } = this.#page;
    return performance.now() - this.#touched < IN_USE || seen.querySelector('dialog[open]') !== null || seen.documentElement?.dataset.truth === 'past';
  }

  /** Looks what is to be done, again and again: for a wanted page, and for the address of the one that is shown. */
  #look() {
    if (this.#shown) this.#mirror();
    if (this.#wanted && !this.#coming && !this.#busy && performance.now() >= this.#again) this.#begin();
    if (this.#wanted || this.#shown) setTimeout(() => this.#look(), LOOK);
  }

  #begin() {
    const frame = document.createElement('iframe');
    this.#coming = frame;
    frame.id = FRAME;
    frame.title = document.title;
    frame.inert = true;
    frame.allow = 'fullscreen; screen-wake-lock; autoplay; clipboard-write';
    frame.src = this.#page.location.href;
    frame.addEventListener('renew', () => {
      if (frame !== this.#shown || this.#wanted) return;
      this.#wanted = true;
    });
    document.documentElement.append(frame); // not in the body, which a tile moves
    const begun = performance.now();
    let drawn = Infinity;
    const follow = () => {
      const now = performance.now();
      if (!ready(frame, this.#page)) drawn = Infinity;
      else if (drawn === Infinity) drawn = now;
      if (this.#busy || now - begun > PATIENCE) {
        frame.remove();
        this.#coming = null;
        this.#again = now + (this.#busy ? 0 : AGAIN);
      } else if (now - drawn >= SETTLED) requestAnimationFrame(() => this.#change(frame));
      else setTimeout(follow, LOOK);
    };
    follow();
  }

  /** The new page takes the place of the one that is seen. @param {HTMLIFrameElement} frame */
  #change(frame) {
    const next = /** @type {Page} */ (frame.contentWindow);
    next.scrollTo(this.#page.scrollX, this.#page.scrollY);
    frame.inert = false;
    frame.classList.add('shown');
    const before = this.#shown;
    this.#shown = frame;
    this.#coming = null;
    this.#wanted = false;
    this.#use(next);
    frame.focus(); // keys are for what is seen
    // What was is taken away only behind what is: two frames of the display later.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      if (before) before.remove();
      else {
        this.#retire();
        document.body.replaceChildren();
      }
    }));
  }

  /** The address and the name of what is seen are those of the document. */
  #mirror() {
    const { location: { href }, document: { title } } = this.#page;
    if (href !== location.href && href.startsWith(location.origin)) history.replaceState(null, '', href);
    if (title !== document.title) document.title = title;
  }
}

/**
 * Whether a new page shows what the one that is seen does, and is as far.
 * @param {HTMLIFrameElement} frame
 * @param {Page} seen
 */
function ready(frame, seen) {
  /** @type {DOMStringMap|undefined} */
  let next;
  try {
    next = frame.contentDocument?.documentElement?.dataset;
  } catch {
    return false; // a page of the browser's own: the server is not there
  }
  const { batch, truth, screen, region } = seen.document.documentElement.dataset;
  if (!next?.batch || next.screen !== screen || next.region !== region) return false;
  // A page that is not live itself is no measure.
  return next.truth === truth || next.truth === 'ok' ? truth !== 'ok' || Number(next.batch) >= Number(batch) : false;
}
