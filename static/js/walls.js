/**
 * The walls for whoever keeps the hall: which tiles are there, since when one is missing, and what
 * is left out.
 *
 * @typedef {{tile: [number, number], state: 'shown'|'behind'|'missing', out: boolean, seen: string|null, displays: number, node?: string, remote?: string, screen?: string}} TileState
 * @typedef {{wall: string, of: [number, number], out: {columns: number[], rows: number[]}, tiles: TileState[], odd: {tile: number[], of: number[]}[]}} WallState
 */
import { find, make } from './dom.js';
import { lasting, moment, parse } from './time.js';

const ASK_EVERY = 2000;

/**
 * What a tile is, in words.
 * @param {TileState} tile
 * @param {boolean} alone the wall has but this one
 * @param {number} now
 */
export function words({ state, out, seen, displays, remote }, alone, now) {
  const at = parse(seen ?? undefined);
  const where = remote ? `，${remote.replace(/:\d+$/, '')}` : '';
  const left = out ? '已移出 · ' : '';
  if (state === 'missing') return `${left}${at === null ? '从未连接' : `缺，自 ${moment(at, now)} 起，已 ${lasting(now - at)}${where}`}`;
  if (state === 'behind') return `${left}已连接而不更新${where}`;
  if (displays > 1 && !alone) return `${left}有 ${displays} 台占用这一块${where}`;
  return `${left}正常${displays > 1 ? `，${displays} 台` : ''}${where}`;
}

/**
 * What is left out when a column or row is left out, or put back.
 * @param {WallState['out']} out
 * @param {'columns'|'rows'} which
 * @param {number} n
 */
export function toggled(out, which, n) {
  const list = out[which].includes(n) ? out[which].filter((one) => one !== n) : [...out[which], n].sort((a, b) => a - b);
  return { ...out, [which]: list };
}

/** @param {WallState} wall @param {(out: WallState['out']) => void} leave */
function draw(wall, leave) {
  const [columns, rows] = wall.of;
  const now = Date.now();
  const there = wall.tiles.filter((t) => t.state !== 'missing').length;
  const left = [columns - wall.out.columns.length, rows - wall.out.rows.length];
  const shape = columns * rows === 1 ? '' : `${columns}×${rows}${left[0] === columns && left[1] === rows ? '' : `，现用 ${left[0]}×${left[1]}`}，`;
  const head = make('h3', '', wall.wall, make('span', '', `${shape}${wall.tiles.length} 块中 ${there} 块在线`));
  const grid = make('div', 'tiles');
  grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr)) auto`;
  /** @param {'columns'|'rows'} which @param {number} n @param {string} name */
  const button = (which, n, name) => {
    const b = make('button', '', `${wall.out[which].includes(n) ? '放回' : '移出'}${name}`);
    b.type = 'button';
    b.disabled = !wall.out[which].includes(n) && wall.out[which].length + 1 === wall.of[which === 'columns' ? 0 : 1];
    b.addEventListener('click', () => leave(toggled(wall.out, which, n)));
    return b;
  };
  for (let row = 1; row <= rows; row++) {
    for (const tile of wall.tiles.filter((t) => t.tile[1] === row)) {
      const cell = make('p', tile.out ? 'out' : '', make('b', '', tile.tile.join(',')), words(tile, columns * rows === 1, now));
      cell.dataset.state = tile.displays > 1 && columns * rows > 1 ? 'behind' : tile.state;
      cell.dataset.tile = tile.tile.join(',');
      grid.append(cell);
    }
    if (rows > 1) grid.append(button('rows', row, `第${row}行`));
    else grid.append(make('span'));
  }
  if (columns > 1) for (let column = 1; column <= columns; column++) grid.append(button('columns', column, `第${column}列`));
  const odd = wall.odd.map(({ tile, of }) => make('p', 'odd', `有一台的地址写成 tile=${tile.join(',')}&of=${of.join('x')}，与其余的 ${columns}x${rows} 不合`));
  const section = make('section', 'wall', head, ...odd, grid);
  section.dataset.wall = wall.wall;
  return section;
}

/** Keeps the list of walls, for as long as the page is open. */
export async function keepWalls() {
  const place = find('#walls');
  const said = find('#walls-said');
  let drawn = '';
  /** @param {WallState[]} list */
  const show = (list) => {
    // Asked for anew it is the same, mostly: a button that is being touched stays.
    const text = JSON.stringify(list) + Math.floor(Date.now() / 10_000);
    if (text === drawn) return;
    drawn = text;
    find('#hall-walls').hidden = list.length === 0;
    place.replaceChildren(...list.map((wall) => draw(wall, (out) => void change(wall.wall, out))));
  };
  /** @param {string} wall @param {WallState['out']} out */
  const change = async (wall, out) => {
    said.textContent = '';
    try {
      const answer = await fetch(`/api/walls/${encodeURIComponent(wall)}/out`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(out) });
      const body = await answer.json();
      if (answer.ok) return show(body.walls);
      said.textContent = answer.status === 403 ? '只能在服务器本机上改动大屏，或以 --let-everyone-on-the-network-change-walls 启动服务' : `没有改成：${body.error?.message ?? answer.status}`;
    } catch {
      said.textContent = '没有改成：服务没有应答';
    }
  };
  for (;;) {
    try {
      const answer = await fetch('/api/walls', { cache: 'no-store' });
      if (answer.ok) show((await answer.json()).walls);
    } catch {
      // what is known stays; the page says itself that the server is away
    }
    await new Promise((done) => setTimeout(done, ASK_EVERY));
  }
}
