/**
 * Whether the machine has slept. While it does, no timer runs, and on most systems the
 * steady clock stands still: a page that wakes takes what it shows for a moment old. The
 * other clock tells, which goes on.
 */

/** Clocks that are this far apart, ms, tell of a sleep; clocks that are set by a little do not. */
const SLEPT = 5000;

export class Sleep {
  /** @type {() => number} */ #steady;
  /** @type {() => number} */ #wall;
  #ahead = 0;

  /**
   * @param {() => number} steady a clock that nobody sets, ms
   * @param {() => number} wall the clock of the machine, ms
   */
  constructor(steady, wall) {
    this.#steady = steady;
    this.#wall = wall;
    this.#ahead = wall() - steady();
  }

  /**
   * How long the machine has slept since it was looked last, ms; 0 where it has not. A clock
   * that is set ahead looks the same, one that is set back is no sleep.
   */
  look() {
    const ahead = this.#wall() - this.#steady();
    const slept = ahead - this.#ahead;
    this.#ahead = ahead;
    return slept > SLEPT ? slept : 0;
  }
}
