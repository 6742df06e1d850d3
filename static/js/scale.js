/**
 * How large things are: a wall is read from afar, so its type is a fraction of
 * its height; a tablet is held in a hand, so its type is a size.
 */

/**
 * The layouts with the size, in units, that each is drawn for. A unit is one
 * 1080th of a wall's height; where a display is narrower than a layout needs,
 * the unit gives way, so that nothing is cut.
 */
const WALLS = {
  wide: { width: 2700, height: 1080 },
  wall: { width: 1800, height: 1080 },
  portrait: { width: 1080, height: 1880 },
};

/** Below this, in CSS pixels on the shorter side, a display is held in a hand. */
const HAND = 900;

/**
 * Chooses the layout for a display, and the unit in CSS pixels.
 * @param {number} width
 * @param {number} height
 * @param {boolean} [wall] a wall, however few pixels it has
 * @returns {{layout: 'wall'|'wide'|'portrait'|'tablet'|'narrow', unit: number}}
 */
export function fit(width, height, wall = false) {
  if (!wall && Math.min(width, height) < HAND) {
    return { layout: width >= 700 ? 'tablet' : 'narrow', unit: 1 };
  }
  const shape = width / height;
  const layout = shape >= 2.4 ? 'wide' : shape >= 1.15 ? 'wall' : 'portrait';
  const drawn = WALLS[layout];
  return { layout, unit: Math.min(width / drawn.width, height / drawn.height) };
}
