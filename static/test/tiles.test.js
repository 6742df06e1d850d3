import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canvas, readPlace } from '../js/tiles.js';
import { toggled, words } from '../js/walls.js';
import { autoAreas } from '../js/screen.js';

const read = (text) => readPlace(new URLSearchParams(text));
const none = { columns: [], rows: [] };

test('an address says which part of which wall it is', () => {
  assert.deepEqual(read('region=460000'), { place: null, fault: '' });
  assert.deepEqual(read('wall=大厅').place, { wall: '大厅', tile: [1, 1], of: [1, 1], bezel: [0, 0] });
  assert.deepEqual(read('wall=hall&tile=2,1&of=4x2&bezel=12').place, { wall: 'hall', tile: [2, 1], of: [4, 2], bezel: [12, 12] });
  assert.deepEqual(read('wall=hall&tile=4,2&of=4x2&bezel=12x8.5').place?.bezel, [12, 8.5]);
});

test('what is wrong with it is said with what is allowed', () => {
  for (const [text, ...want] of [
    ['tile=1,1&of=2x2', '缺少 wall'],
    ['wall=a b&tile=1,1&of=2x2', 'wall=a b 不对', '40'],
    ['wall=hall&tile=1,1', 'of= 不对', 'of=4x2'],
    ['wall=hall&of=2x2', 'tile= 不对', '列,行'],
    ['wall=hall&tile=1,1&of=2-2', 'of=2-2 不对', '列x行'],
    ['wall=hall&tile=1,1&of=0x2', 'of=0x2 不对', '1 至 16'],
    ['wall=hall&tile=1,1&of=17x1', 'of=17x1 不对'],
    ['wall=hall&tile=5,1&of=4x2', 'tile=5,1 不对', '第 1 至 4 列、第 1 至 2 行'],
    ['wall=hall&tile=0,1&of=4x2', 'tile=0,1 不对'],
    ['wall=hall&tile=1,1&of=4x2&bezel=wide', 'bezel=wide 不对', 'bezel=12'],
    ['wall=hall&tile=1,1&of=4x2&bezel=1001', 'bezel=1001 不对'],
    ['wall=hall&bezel=5', '有 bezel 而没有 tile 和 of'],
  ]) {
    const { place, fault } = read(text);
    assert.equal(place, null, text);
    for (const part of want) assert.ok(fault.includes(part), `${text}: ${fault}`);
  }
});

test('a tile shows its part of the canvas, behind bezels', () => {
  const { place } = read('wall=hall&tile=3,2&of=4x2&bezel=20x10');
  assert.deepEqual(canvas(place, none, 1920, 1080), { width: 4 * 1920 + 60, height: 2170, left: 2 * 1940, top: 1090, middle: 1940 + 960 });
});

test('what is left stands together', () => {
  const { place } = read('wall=hall&tile=3,2&of=4x2&bezel=20x10');
  assert.deepEqual(canvas(place, { columns: [2], rows: [] }, 1920, 1080), { width: 3 * 1920 + 40, height: 2170, left: 1940, top: 1090, middle: 1940 + 960 });
  assert.deepEqual(canvas(place, { columns: [4], rows: [1] }, 1920, 1080), { width: 3 * 1920 + 40, height: 1080, left: 2 * 1940, top: 0, middle: 1940 + 960 });
  assert.equal(canvas(place, { columns: [3], rows: [] }, 1920, 1080), null);
  assert.equal(canvas(place, { columns: [], rows: [2] }, 1920, 1080), null);
});

test('panels that give a row its height are known', () => {
  assert.deepEqual([...autoAreas({ name: 'portrait', columns: ['1fr', '1fr'], rows: ['auto', '10u', '1fr', 'auto'], areas: ['a a', 'b c', 'd d', 'e f'] })], ['a', 'e', 'f']);
});

test('the keeper of a hall reads what a tile is', () => {
  const now = Date.parse('2026-11-26T06:05:00Z');
  const tile = { tile: [2, 1], state: 'shown', out: false, seen: '2026-11-26T06:03:00Z', displays: 1, remote: '10.0.0.7:51234' };
  assert.equal(words(tile, false, now), '正常，10.0.0.7');
  assert.equal(words({ ...tile, state: 'missing', displays: 0 }, false, now), '缺，自 14:03:00 起，已 2分钟，10.0.0.7');
  assert.equal(words({ ...tile, state: 'missing', seen: null, displays: 0, remote: undefined }, false, now), '从未连接');
  assert.equal(words({ ...tile, displays: 2 }, false, now), '有 2 台占用这一块，10.0.0.7');
  assert.equal(words({ ...tile, displays: 2 }, true, now), '正常，2 台，10.0.0.7');
  assert.equal(words({ ...tile, state: 'behind', out: true }, false, now), '已移出 · 已连接而不更新，10.0.0.7');
  assert.deepEqual(toggled({ columns: [4], rows: [] }, 'columns', 2), { columns: [2, 4], rows: [] });
  assert.deepEqual(toggled({ columns: [2, 4], rows: [] }, 'columns', 2), { columns: [4], rows: [] });
});
