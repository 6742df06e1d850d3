/**
 * The marks of numbers that have just changed. They go with the clock's next second, so that
 * all displays of a wall drop them together, in a frame that is drawn anyway. A mark is a class
 * and no animation: one that runs costs the browser a frame of style, layout and paint sixty
 * times a second, of a thing that stands still.
 */

/** How long a changed number is marked at least, in milliseconds. */
const MARK = 400;

/** What is marked: since when, and what takes the mark away. @type {Map<object, {since: number, undo: () => void}>} */
const marked = new Map();

/**
 * Notes that something was marked; what is marked already is so anew.
 * @param {object} what
 * @param {() => void} undo
 */
export function noted(what, undo) {
  marked.set(what, { since: performance.now(), undo });
}

/** Forgets a mark. @param {object} what */
export function forget(what) {
  marked.delete(what);
}

/** Marks an element whose number has just changed. @param {Element} element */
export function mark(element) {
  element.classList.add('changed');
  noted(element, () => element.classList.remove('changed'));
}

/** Takes away the marks that have stood long enough; the clock calls it on the second. */
export function sweep() {
  const now = performance.now();
  for (const [what, { since, undo }] of marked) {
    if (now - since < MARK) continue;
    marked.delete(what);
    undo();
  }
}
