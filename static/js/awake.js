/**
 * Keeps the glass lit: a tablet that hangs as a wall does not sleep, where the browser allows
 * it (it does on https and on this machine's own address). What is held in a hand sleeps as
 * its owner has it.
 *
 * @typedef {{release(): Promise<void>, addEventListener(type: 'release', f: () => void): void}} Lock
 */
export class Awake {
  /** @type {() => boolean} */ #wanted;
  /** @type {() => Promise<Lock>} */ #request;
  /** @type {Lock|null} */ #lock = null;
  #asking = false;

  /**
   * @param {() => boolean} wanted whether the glass is to be lit now
   * @param {() => Promise<Lock>} request asks the browser; it refuses while the page is hidden
   */
  constructor(wanted, request) {
    this.#wanted = wanted;
    this.#request = request;
  }

  /** Asks for what is wanted now; to be called whenever that may have changed. */
  async look() {
    if (this.#asking) return;
    if (!this.#wanted()) {
      const lock = this.#lock;
      this.#lock = null;
      await lock?.release().catch(() => {});
      return;
    }
    if (this.#lock) return;
    this.#asking = true;
    try {
      const lock = await this.#request();
      this.#lock = lock;
      // The browser lets go by itself when the page is hidden, or the battery is low.
      lock.addEventListener('release', () => {
        if (this.#lock === lock) this.#lock = null;
      });
    } catch {
      // not allowed here, or not now: the next look asks again
    }
    this.#asking = false;
  }
}
