/**
 * The connection to the hub: it comes back by itself, resumes where it was, and
 * says when what is shown is no longer live. It knows nothing of the page; what
 * it needs of the world is passed in, so that tests can pass in another one.
 *
 * @import {Scene, Header, Message, Snapshot, Hello} from './types.js'
 */

/** The first delay before coming back, and the longest, in milliseconds. */
const FIRST_DELAY = 200;
const LONGEST_DELAY = 5000;
/** Beats that may be missed before the connection counts as lost. */
const BEATS = 2.5;
/** The beat that is expected until the server has named its own. */
const DEFAULT_BEAT = 5000;
/** Delay before asking again for a scene that is not ready. */
const ASK_AGAIN = 1000;

/**
 * @typedef {{send(text: string): void, close(code?: number): void,
 *   onmessage: ((e: {data: any}) => void)|null,
 *   onclose: ((e: {code: number, reason: string}) => void)|null}} Socket
 * @typedef {{after(ms: number, f: () => void): any, cancel(timer: any): void}} Timers
 * @typedef {'connecting'|'live'|'lost'|'refused'} Connection
 * @typedef {{
 *   connection(state: Connection, words: string): void,
 *   hello(hello: Hello): void,
 *   message(message: Message): void,
 * }} Listener
 */

export class Stream {
  /** @type {() => Socket} */ #open;
  /** @type {Timers} */ #timers;
  /** @type {() => number} */ #random;
  /** @type {Listener} */ #listener;
  /** @type {Socket|null} */ #socket = null;
  /** @type {Scene|null} */ #wanted = null;
  /** The picture that is on the page. @type {{scene: Scene, header: Header}|null} */ #picture = null;
  /** The highest batch ever shown, over all scenes. @type {Header|null} */ #newest = null;
  #state = /** @type {Connection} */ ('connecting');
  #beat = DEFAULT_BEAT;
  #attempt = 0;
  #behind = 0;
  #greeted = false;
  /** @type {any} */ #watchdog = null;
  /** @type {any} */ #retry = null;
  /** @type {any} */ #again = null;

  /**
   * @param {{open: () => Socket, timers: Timers, random: () => number, listener: Listener}} world
   */
  constructor({ open, timers, random, listener }) {
    this.#open = open;
    this.#timers = timers;
    this.#random = random;
    this.#listener = listener;
  }

  /** Shows a scene from now on. @param {Scene} scene */
  show(scene) {
    this.#wanted = scene;
    if (this.#state === 'refused') this.#state = 'connecting';
    if (this.#greeted) this.#subscribe();
    else if (!this.#socket) this.#connect();
  }

  /** Comes back at once instead of after the delay: the network is said to be there again. */
  nudge() {
    if (this.#socket || this.#state === 'refused' || !this.#wanted) return;
    this.#connect();
  }

  /** Ends for good. */
  stop() {
    this.#wanted = null;
    this.#drop();
    this.#timers.cancel(this.#retry);
    this.#retry = null;
  }

  #connect() {
    this.#timers.cancel(this.#retry);
    this.#retry = null;
    const socket = this.#open();
    this.#socket = socket;
    socket.onmessage = (e) => {
      if (socket === this.#socket) this.#receive(e.data);
    };
    socket.onclose = (e) => {
      if (socket === this.#socket) this.#closed(e.code, e.reason);
    };
    this.#watch();
  }

  /** Restarts the watch: silence for longer than this is a lost connection. */
  #watch() {
    this.#timers.cancel(this.#watchdog);
    this.#watchdog = this.#timers.after(this.#beat * BEATS, () => this.#closed(0, ''));
  }

  /** @param {number} code @param {string} reason */
  #closed(code, reason) {
    this.#drop();
    if (code >= 4000 && code < 4100) {
      this.#become('refused', reason || '服务器拒绝了连接');
      return;
    }
    this.#become('lost', '');
    const ceiling = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#attempt);
    this.#attempt += 1;
    const delay = ceiling / 2 + (this.#random() * ceiling) / 2;
    this.#retry = this.#timers.after(delay, () => this.#connect());
  }

  /** Lets go of the socket without listening to it any more. */
  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#greeted = false;
    this.#timers.cancel(this.#watchdog);
    this.#timers.cancel(this.#again);
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** @param {Connection} state @param {string} words */
  #become(state, words) {
    if (state === 'live') this.#attempt = 0;
    if (state === this.#state && state !== 'refused') return;
    this.#state = state;
    this.#listener.connection(state, words);
  }

  #subscribe() {
    if (!this.#wanted || !this.#socket) return;
    const { screen, region } = this.#wanted;
    const picture = this.#picture;
    const same = picture && picture.scene.screen === screen && picture.scene.region === region;
    const have = same
      ? { history: picture.header.history, term: picture.header.term, batch: picture.header.batch }
      : undefined;
    this.#behind = 0;
    this.#socket.send(JSON.stringify({ type: 'subscribe', screen, region, have }));
  }

  #askAgain() {
    this.#timers.cancel(this.#again);
    this.#again = this.#timers.after(ASK_AGAIN, () => this.#subscribe());
  }

  /** @param {unknown} text */
  #receive(text) {
    this.#watch();
    /** @type {Message} */
    let m;
    try {
      m = JSON.parse(String(text));
    } catch {
      return; // not ours: the next message or the watch will tell
    }
    switch (m.type) {
      case 'hello':
        this.#beat = m.beat_ms > 0 ? m.beat_ms : DEFAULT_BEAT;
        this.#watch();
        this.#greeted = true;
        this.#listener.hello(m);
        this.#subscribe();
        return;
      case 'snapshot':
        this.#snapshot(m);
        return;
      case 'batch':
        if (!this.#picture) return;
        if (m.batch.history !== this.#picture.header.history) {
          this.#picture = null; // numbers of two histories cannot be compared: ask for all
          this.#subscribe();
          return;
        }
        if (m.batch.batch <= this.#picture.header.batch) return;
        this.#picture.header = m.batch;
        this.#newest = m.batch;
        this.#live(m);
        return;
      case 'current':
        if (!this.#picture) return;
        this.#picture.header = m.batch;
        this.#live(m);
        return;
      case 'beat':
        this.#overtaken(m.batch);
        this.#listener.message(m);
        return;
      case 'status':
        this.#listener.message(m);
        return;
      case 'error':
        this.#listener.message(m);
        if (m.retry) this.#askAgain();
        else this.#become('refused', m.code);
        return;
      default: // a newer server may say more
    }
  }

  /** @param {Snapshot} m */
  #snapshot(m) {
    const wanted = this.#wanted;
    if (!wanted || m.screen !== wanted.screen || m.region !== wanted.region) return; // of a scene left behind
    const newest = this.#newest;
    if (newest && m.batch.history === newest.history && m.batch.batch < newest.batch) {
      this.#askAgain(); // this node is not as far yet as what has been on the glass
      return;
    }
    this.#picture = { scene: wanted, header: m.batch };
    this.#newest = m.batch;
    this.#live(m);
  }

  /** @param {Message} m */
  #live(m) {
    this.#behind = 0;
    this.#become('live', '');
    this.#listener.message(m);
  }

  /**
   * Connected is not yet current: where beats name a batch that does not come,
   * ask for it.
   * @param {number} batch
   */
  #overtaken(batch) {
    if (!this.#picture || batch <= this.#picture.header.batch) {
      this.#behind = 0;
      return;
    }
    this.#behind += 1;
    if (this.#behind >= 2) this.#subscribe();
  }
}
