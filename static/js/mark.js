/** How long a changed number is marked, in milliseconds. */
export const MARK = 400;

/**
 * Marks an element whose number has just changed. A mark that is still there is
 * begun anew.
 * @param {Element} element
 */
export function mark(element) {
  for (const a of element.getAnimations()) a.cancel();
  element.animate([{ boxShadow: 'inset 0 -0.08em var(--accent)' }, { boxShadow: 'inset 0 -0.08em var(--accent)' }], MARK);
}
