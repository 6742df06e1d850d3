/**
 * Patches of the stream: JSON Pointers (RFC 6901) and the values that stand there from
 * now on. What is changed is copied on the way down; what is drawn already stays as it is.
 */

/**
 * A document with a set laid over it.
 * @param {any} document
 * @param {Record<string, any>} set
 * @returns {any}
 * @throws {Error} when a pointer leads nowhere: the document is not what the set is for
 */
export function lay(document, set) {
  const copies = new Set();
  /** @param {any} value @param {string} pointer */
  const copy = (value, pointer) => {
    if (value === null || typeof value !== 'object') throw new Error(`${pointer} leads nowhere`);
    if (copies.has(value)) return value;
    const own = Array.isArray(value) ? [...value] : { ...value };
    copies.add(own);
    return own;
  };
  let root = document;
  for (const [pointer, value] of Object.entries(set)) {
    if (pointer === '') return value;
    if (!pointer.startsWith('/')) throw new Error(`${pointer} leads nowhere`);
    const steps = pointer.split('/').slice(1).map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop() ?? '';
    let at = root = copy(root, pointer);
    for (const step of steps) {
      if (!Object.hasOwn(at, step)) throw new Error(`${pointer} leads nowhere`);
      at = at[step] = copy(at[step], pointer);
    }
    if (Array.isArray(at) && !Object.hasOwn(at, last)) throw new Error(`${pointer} leads nowhere`);
    at[last] = value;
  }
  return root;
}
