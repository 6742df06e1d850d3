/**
 * Light or dark. A wall is dark. What is held in a hand is as its owner likes it, or as
 * the address says (?theme=light); a page has one theme for its life.
 *
 * The server writes the colours of charts for the dark ground, as tokens.css has them; for
 * the light one each gives way to that of the same name.
 */

/** The tokens that charts use. */
const TOKENS = ['text', 'label', 'quiet', 'line', 'track', 'ground', 'accent', 'changed', 'no-data', 'hidden', 'sea', 'red', 'yellow', 'green',
  'shade-0', 'shade-1', 'shade-2', 'shade-3', 'shade-4'];

/** From the colours of the dark theme to those of the page's; null where they are the same. @type {Map<string, string>|null} */
let colours = null;

/** Chooses the theme of the page. @param {boolean} hand whether it is held in a hand */
export function choose(hand) {
  const asked = new URL(location.href).searchParams.get('theme');
  const light = hand && (asked === 'light' || (asked !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches));
  document.documentElement.dataset.theme = light ? 'light' : 'dark';
  if (!light) return;
  const dark = document.createElement('div');
  dark.dataset.theme = 'dark';
  document.body.append(dark);
  const [from, to] = [getComputedStyle(dark), getComputedStyle(document.documentElement)];
  colours = new Map(TOKENS.map((t) => [from.getPropertyValue(`--${t}`).trim(), to.getPropertyValue(`--${t}`).trim()]));
  dark.remove();
}

/**
 * Gives a chart's option, or its data, the colours of the page.
 * @template T
 * @param {T} option
 * @returns {T}
 */
export function painted(option) {
  const to = colours;
  if (!to || option === undefined) return option;
  return JSON.parse(JSON.stringify(option).replace(/#[0-9a-f]{6}\b/g, (c) => to.get(c) ?? c));
}
