/**
 * A wall of tiles: several displays that show one canvas, each a part of it. A tile lays the
 * whole canvas out, as one display of that size would, and draws what it shows of it.
 *
 * @import {WallTold} from './types.js'
 * @typedef {{wall: string, tile: [number, number], of: [number, number], bezel: [number, number]}} Place
 *   tile is the column and row, from 1 at the top left; bezel what lies between two pictures, CSS pixels
 * @typedef {WallTold['out']} Out
 */
import { make, say } from './dom.js';
import { inFrame } from './frame.js';

/** How many columns and rows a wall may have, and how broad its bezels may be, CSS pixels. */
const MOST = 16;
const BROADEST = 1000;

/**
 * Reads from an address what its display shows of a wall.
 * @param {URLSearchParams} query
 * @returns {{place: Place|null, fault: string}} fault says in words what is wrong, empty when nothing is
 */
export function readPlace(query) {
  const [wall, tile, of, bezel] = ['wall', 'tile', 'of', 'bezel'].map((name) => query.get(name));
  /** @param {string} words @returns {{place: null, fault: string}} */
  const wrong = (words) => ({ place: null, fault: words });
  if (wall === null) {
    if (tile === null && of === null && bezel === null) return { place: null, fault: '' };
    return wrong('缺少 wall：拼接屏要写明是哪一面大屏，如 wall=hall&tile=2,1&of=4x2');
  }
  if (!/^[\p{L}\p{N}_-]{1,40}$/u.test(wall ?? '')) return wrong(`wall=${wall} 不对：大屏的名字由 1 至 40 个汉字、字母、数字、- 或 _ 组成，如 wall=hall`);
  if (tile === null && of === null) {
    if (bezel !== null) return wrong('有 bezel 而没有 tile 和 of：只有拼接屏才有拼缝，如 tile=2,1&of=4x2&bezel=12');
    return { place: { wall: wall ?? '', tile: [1, 1], of: [1, 1], bezel: [0, 0] }, fault: '' };
  }
  const shape = pair(of, /^(\d{1,2})[x×](\d{1,2})$/);
  if (!shape || Math.min(...shape) < 1 || Math.max(...shape) > MOST) return wrong(`of=${of ?? ''} 不对：写作 列x行，各为 1 至 ${MOST}，如 of=4x2 是 4 列 2 行`);
  const at = pair(tile, /^(\d{1,2}),(\d{1,2})$/);
  if (!at) return wrong(`tile=${tile ?? ''} 不对：写作 列,行，左上角是 1,1，如 tile=2,1 是第 2 列第 1 行`);
  if (Math.min(...at) < 1 || at[0] > shape[0] || at[1] > shape[1]) return wrong(`tile=${tile} 不对：of=${of} 的大屏只有第 1 至 ${shape[0]} 列、第 1 至 ${shape[1]} 行`);
  const frame = bezel === null ? [0, 0] : pair(/x/.test(bezel ?? '') ? bezel : `${bezel}x${bezel}`, /^(\d{1,4}(?:\.\d+)?)x(\d{1,4}(?:\.\d+)?)$/);
  if (!frame || Math.max(...frame) > BROADEST) return wrong(`bezel=${bezel} 不对：相邻两屏画面之间的拼缝，以像素计，0 至 ${BROADEST}，如 bezel=12，或 bezel=12x8（左右x上下）`);
  return { place: { wall: wall ?? '', tile: at, of: shape, bezel: /** @type {[number, number]} */ (frame) }, fault: '' };
}

/** @param {string|null|undefined} text @param {RegExp} form with two numbers @returns {[number, number]|null} */
function pair(text, form) {
  const found = form.exec(text ?? '');
  return found ? [Number(found[1]), Number(found[2])] : null;
}

/**
 * The canvas of a wall, and where a tile of it begins, in CSS pixels.
 * @param {Place} place
 * @param {Out} out the columns and rows that are left out: the rest stands together
 * @param {number} width of the tile
 * @param {number} height
 * @returns {{width: number, height: number, left: number, top: number, middle: number}|null} null: the tile is left out;
 *   middle is that of the tile in the middle of the first row: what is read at once stands behind no bezel
 */
export function canvas({ tile, of, bezel }, out, width, height) {
  /** @param {0|1} axis @param {number[]} gone @param {number} size */
  const along = (axis, gone, size) => {
    const left = Array.from({ length: of[axis] }, (_, i) => i + 1).filter((n) => !gone.includes(n));
    return { all: left.length * (size + bezel[axis]) - bezel[axis], before: left.indexOf(tile[axis]) * (size + bezel[axis]), middle: Math.floor((left.length - 1) / 2) * (size + bezel[axis]) + size / 2 };
  };
  const [x, y] = [along(0, out.columns, width), along(1, out.rows, height)];
  return x.before < 0 || y.before < 0 ? null : { width: x.all, height: y.all, left: x.before, top: y.before, middle: x.middle };
}

/** This display among the tiles of its wall. */
export class Tile {
  /** @type {Place} */ #place;
  /** @type {() => number} */ #now;
  /** @type {() => void} */ #refit;
  /** @type {Out} */ #out = { columns: [], rows: [] };
  #root = document.documentElement;
  #off = make('p', 'off');
  /** Ends the wait for another shape. */ #unplan = () => {};

  /**
   * @param {Place} place
   * @param {{now: () => number, refit: () => void}} world the server's time, ms; lays the screen out anew
   */
  constructor(place, { now, refit }) {
    this.#place = place;
    this.#now = now;
    this.#refit = refit;
    this.#root.dataset.tile = 'on';
    document.body.append(this.#off);
    addEventListener('scroll', () => scrollTo(0, 0)); // what is focused outside of the tile must not move it
  }

  /** The size of the canvas, CSS pixels; moves this display's part of it into view. */
  canvas() {
    const part = canvas(this.#place, this.#out, innerWidth, innerHeight);
    const { style } = this.#root;
    this.#root.dataset.tile = part ? 'on' : 'out';
    if (!part) {
      const [column, row] = this.#place.tile;
      say(this.#off, `大屏 ${this.#place.wall} 第${column}列第${row}行：本屏已移出画面，由值班人员放回`);
      return { width: innerWidth, height: innerHeight };
    }
    style.setProperty('--canvas-width', `${part.width}px`);
    style.setProperty('--canvas-height', `${part.height}px`);
    style.setProperty('--tile-left', `${-part.left}px`);
    style.setProperty('--tile-top', `${-part.top}px`);
    style.setProperty('--alarm-x', `${part.middle}px`);
    style.setProperty('--alarm-y', `${innerHeight / 2}px`);
    style.setProperty('--alarm-most', `${innerWidth * 0.94}px`);
    style.setProperty('--tile-u', `${Math.min(innerWidth / 1800, innerHeight / 1080)}px`);
    return { width: part.width, height: part.height };
  }

  /** Whether something of an element is on this display. @param {Element} element */
  shows(element) {
    const r = element.getBoundingClientRect();
    return r.right > 0 && r.bottom > 0 && r.left < innerWidth && r.top < innerHeight && r.width > 0;
  }

  /** Takes the shape of the wall, at the moment at which all of its displays do. @param {WallTold} told */
  told({ out, out_at: at }) {
    this.#unplan();
    if (JSON.stringify(out) === JSON.stringify(this.#out)) return; // told again, as after a hand-over
    this.#unplan = inFrame(this.#now, at, () => {
      this.#out = out;
      this.#refit();
    });
  }
}
