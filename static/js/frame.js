/** Doing something in the frame that all displays of a wall do it in. */

/** A frame of a display, ms. */
export const FRAME = 16;

/**
 * Runs something in the frame that begins closest to a moment, at once where that has passed.
 * @param {() => number} now the server's time, ms
 * @param {number} at
 * @param {() => void} run
 * @returns {() => void} ends the wait
 */
export function inFrame(now, at, run) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let timer;
  let frame = 0;
  const wait = () => {
    const left = at - now();
    // A clock may be set meanwhile, and a long wait sleep: it looks again from time to time.
    if (left > FRAME / 2) timer = setTimeout(wait, Math.min(left - FRAME / 2, 60_000));
    else frame = requestAnimationFrame(() => run()); // the first from half a frame before it
  };
  wait();
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}
