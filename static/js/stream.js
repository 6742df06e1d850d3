/**
 * The connection to the hub: it comes back by itself, resumes where it was, and
 * says when what is shown is no longer live. It knows nothing of the page; what
 * it needs of the world is passed in, so that tests can pass in another one.
 *
 * @import {Scene, Header, Message, Received, Patch, PanelUpdate, Snapshot, Batch, Hello} from './types.js'
 */
import { lay } from './patch.js';

/** The first delay before coming back, and the longest, in milliseconds. */
const FIRST_DELAY = 200;
const LONGEST_DELAY = 5000;
/** Beats that may be missed before the connection counts as lost. */
const BEATS = 2.5;
/** The beat that is expected until the server has named its own. */
const DEFAULT_BEAT = 5000;
/** Delay before asking again for a scene that is not ready. */
const ASK_AGAIN = 1000;
/** How long a hand-over to another server may take before it is a lost connection. */
const HAND_OVER = 2000;
/** How servers of before close when a message was too large. */
const TOO_LARGE = 1009;
/** The longest that a server may make a page wait before it comes back. */
const LONGEST_WAIT = 60000;
/** Questions about the server's clock: some after hello, then one now and then. */
const QUESTIONS = 5;
const QUESTION_AFTER = 150;
const QUESTION_EVERY = 30000;
/** The pause between two acks where the server does not name one. */
const DEFAULT_ACK = 1000;

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
 * @typedef {{begin(time: number): void, ask(): number, answered(answer: {t0: number, t1: number, t2: number}): void}} Clock
 * @typedef {{batch: number, ready: number, drawn: number, frame_ms: number, heap?: number}} Ack
 * @typedef {{scene: Scene, edition: string|undefined, header: Header, data: Map<string, any>}} Picture
 */

export class Stream {
  /** @type {() => Socket} */ #open;
  /** @type {Timers} */ #timers;
  /** @type {() => number} */ #random;
  /** @type {Listener} */ #listener;
  /** @type {Socket|null} */ #socket = null;
  /** @type {Scene|null} */ #wanted = null;
  /** @type {Clock} */ #clock;
  /** What the display shows of a wall, as the protocol says it. @type {object|undefined} */ #place;
  /** What it takes beyond what it must. */ #accept = ['patch', 'ack'];
  /** The picture that is on the page, or on its way there. @type {Picture|null} */ #picture = null;
  /** The highest batch ever shown, over all scenes. @type {Header|null} */ #newest = null;
  #state = /** @type {Connection} */ ('connecting');
  #beat = DEFAULT_BEAT;
  #attempt = 0;
  #behind = 0;
  #greeted = false;
  /** @type {any} */ #watchdog = null;
  /** @type {any} */ #retry = null;
  /** @type {any} */ #again = null;
  /** Runs while a server hands over to another. @type {any} */ #handOver = null;
  /** @type {any} */ #question = null;
  /** Whether a subscription has not been answered yet. */ #asked = false;
  #ackPause = DEFAULT_ACK;
  /** The last ack told or to be told. @type {Ack|null} */ #ack = null;
  #acked = false;
  /** Runs while no ack may be sent. @type {any} */ #ackTimer = null;
  /** When the server was last heard, or asked to connect, by the page's clock. */ #spoken = 0;

  /**
   * @param {{open: () => Socket, timers: Timers, random: () => number, clock: Clock, listener: Listener, place?: object, alarms?: boolean}} world
   */
  constructor({ open, timers, random, clock, listener, place, alarms }) {
    this.#place = place;
    if (alarms) this.#accept.push('alarm');
    this.#clock = clock;
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

  /** The page has drawn something else: what is shown next is asked for whole. */
  forget() {
    this.#picture = null;
    this.#ack = null;
  }

  /** Comes back at once instead of after the delay: the network is said to be there again. */
  nudge() {
    if (this.#socket || this.#state === 'refused' || !this.#wanted) return;
    this.#connect();
  }

  /** The machine has slept: whoever was connected may be long gone. The picture is old until the server says otherwise. */
  woke() {
    if (!this.#wanted || this.#state === 'refused') return;
    this.#lose();
    this.#attempt = 0;
    this.#connect();
  }

  /**
   * To be called now and then, and when the page comes to the front: a timer that sleeps with the
   * page does not tell in time that nothing is heard.
   */
  check() {
    if (this.#socket && this.#clock.ask() - this.#spoken > this.#beat * BEATS) this.woke();
  }

  /** The page is about to stand still: it lets go, so that nobody takes it for a display that draws. */
  rest() {
    if (!this.#wanted || this.#state === 'refused') return;
    this.#lose();
    this.#retry = this.#timers.after(0, () => this.#connect()); // it runs when the page does
  }

  #lose() {
    this.#drop();
    this.#timers.cancel(this.#retry);
    this.#timers.cancel(this.#handOver);
    this.#retry = this.#handOver = null;
    this.#become('lost', '');
  }

  /** Ends for good. */
  stop() {
    this.#wanted = null;
    this.#drop();
    this.#timers.cancel(this.#retry);
    this.#timers.cancel(this.#handOver);
    this.#retry = this.#handOver = null;
  }

  /** Asks for something on all displays of the wall; says whether there is anybody to ask. @param {object} ask */
  steer(ask) {
    if (!this.#greeted) return false;
    this.#socket?.send(JSON.stringify({ type: 'steer', steer: ask }));
    return true;
  }

  /** Tells the server what has been drawn; of several in a short time only the newest. @param {Ack} ack */
  drawn(ack) {
    this.#ack = ack;
    this.#acked = false;
    this.#tellDrawn();
  }

  #tellDrawn() {
    if (!this.#ack || this.#acked || this.#ackTimer !== null || !this.#greeted) return;
    this.#acked = true;
    this.#socket?.send(JSON.stringify({ type: 'ack', ...this.#ack }));
    this.#ackTimer = this.#timers.after(this.#ackPause, () => {
      this.#ackTimer = null;
      this.#tellDrawn();
    });
  }

  /** Asks for the server's clock, so many times soon and then now and then. @param {number} soon */
  #askTime(soon) {
    this.#socket?.send(JSON.stringify({ type: 'time', t0: this.#clock.ask() }));
    this.#question = this.#timers.after(soon > 1 ? QUESTION_AFTER : QUESTION_EVERY, () => this.#askTime(soon - 1));
  }

  #connect() {
    this.#timers.cancel(this.#retry);
    this.#retry = null;
    const socket = this.#open();
    this.#socket = socket;
    this.#spoken = this.#clock.ask();
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

  /** @param {number} code @param {string} text */
  #closed(code, text) {
    this.#drop();
    const { reason, wait } = parseReason(text);
    if ((code >= 4000 && code < 4100) || code === TOO_LARGE) {
      this.#become('refused', reason || text || '服务器拒绝了连接');
      return;
    }
    const asked = code >= 4100 && code < 4200;
    if (asked && this.#state === 'live' && this.#handOver === null) {
      this.#handOver = this.#timers.after(HAND_OVER, () => {
        this.#handOver = null;
        this.#become('lost', '');
      });
    }
    if (this.#handOver === null) this.#become('lost', '');
    let delay = wait;
    if (!asked || delay === null) {
      const ceiling = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#attempt);
      delay = ceiling / 2 + (this.#random() * ceiling) / 2;
      this.#attempt += 1;
    }
    this.#retry = this.#timers.after(delay, () => this.#connect());
  }

  /** Lets go of the socket without listening to it any more. */
  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#greeted = false;
    this.#timers.cancel(this.#watchdog);
    this.#timers.cancel(this.#again);
    this.#timers.cancel(this.#question);
    this.#timers.cancel(this.#ackTimer);
    this.#ackTimer = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** @param {Connection} state @param {string} words */
  #become(state, words) {
    if (state === 'live') {
      this.#attempt = 0;
      this.#timers.cancel(this.#handOver);
      this.#handOver = null;
    }
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
      ? { history: picture.header.history, term: picture.header.term, batch: picture.header.batch, edition: picture.edition }
      : undefined;
    this.#behind = 0;
    this.#asked = true;
    this.#socket.send(JSON.stringify({ type: 'subscribe', screen, region, have, accept: this.#accept, place: this.#place }));
  }

  #askAgain() {
    this.#timers.cancel(this.#again);
    this.#again = this.#timers.after(ASK_AGAIN, () => this.#subscribe());
  }

  /** @param {unknown} text */
  #receive(text) {
    this.#watch();
    this.#spoken = this.#clock.ask();
    /** @type {Received} */
    let m;
    try {
      m = JSON.parse(String(text));
    } catch {
      return; // not ours: the next message or the watch will tell
    }
    switch (m.type) {
      case 'hello':
        this.#beat = m.beat_ms > 0 ? m.beat_ms : DEFAULT_BEAT;
        this.#ackPause = m.ack_ms && m.ack_ms > 0 ? m.ack_ms : DEFAULT_ACK;
        this.#watch();
        this.#greeted = true;
        this.#clock.begin(m.time);
        this.#listener.hello(m);
        this.#subscribe();
        this.#askTime(QUESTIONS);
        return;
      case 'time':
        this.#clock.answered(m);
        return;
      case 'snapshot':
        this.#snapshot(m);
        return;
      case 'batch':
        this.#asked = false;
        if (!this.#picture) return;
        if (m.batch.history !== this.#picture.header.history) {
          this.#picture = null; // numbers of two histories cannot be compared: ask for all
          this.#subscribe();
          return;
        }
        if (m.batch.batch <= this.#picture.header.batch) return;
        for (const { id, data } of m.panels) this.#picture.data.set(id, data);
        this.#advance(m);
        return;
      case 'patch':
        this.#patch(m);
        return;
      case 'current':
        this.#asked = false;
        if (!this.#picture) return;
        this.#picture.header = m.batch;
        this.#live(m);
        if (this.#ack?.batch === m.batch.batch) this.drawn(this.#ack);
        return;
      case 'beat':
        this.#overtaken(m.batch);
        this.#listener.message(m);
        return;
      case 'status':
      case 'wall':
      case 'alarms':
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
    this.#asked = false;
    const wanted = this.#wanted;
    if (!wanted || m.screen !== wanted.screen || m.region !== wanted.region) return; // of a scene left behind
    const newest = this.#newest;
    if (newest && m.batch.history === newest.history && m.batch.batch < newest.batch) {
      this.#askAgain(); // this node is not as far yet as what has been on the glass
      return;
    }
    this.#picture = { scene: wanted, edition: m.edition, header: m.batch, data: new Map(m.panels.map(({ id, data }) => [id, data])) };
    this.#newest = m.batch;
    this.#live(m);
  }

  /** A patch becomes the batch that it stands for. @param {Patch} m */
  #patch(m) {
    const picture = this.#picture;
    if (!picture || m.batch <= picture.header.batch) return;
    if (m.base !== picture.header.batch) {
      if (!this.#asked) this.#subscribe();
      return;
    }
    /** @type {PanelUpdate[]} */
    const panels = [];
    /** @type {Header} */
    let header;
    try {
      header = { ...lay(picture.header, m.set ?? {}), batch: m.batch };
      for (const [id, set] of Object.entries(m.panels ?? {})) {
        if (!picture.data.has(id)) throw new Error(`there is no panel ${id}`);
        panels.push({ id, data: lay(picture.data.get(id), set) });
      }
    } catch {
      this.#picture = null; // it is not what the server takes it to be: ask for all
      this.#subscribe();
      return;
    }
    for (const { id, data } of panels) picture.data.set(id, data);
    this.#advance({ type: 'batch', show_at: m.show_at, batch: header, panels });
  }

  /** The picture moves to a batch. @param {Batch} m */
  #advance(m) {
    if (!this.#picture) return;
    this.#picture.header = m.batch;
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

/**
 * What a close says: why, and how long to wait before coming back.
 * @param {string} text
 * @returns {{reason: string, wait: number|null}}
 */
function parseReason(text) {
  try {
    const { reason, retry_ms: wait } = JSON.parse(text);
    return { reason: String(reason ?? ''), wait: wait >= 0 ? Math.min(wait, LONGEST_WAIT) : null };
  } catch {
    return { reason: '', wait: null };
  }
}
