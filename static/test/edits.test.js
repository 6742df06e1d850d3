import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edits, picture } from '../js/panels/edits.js';

/** A tree from elements written as [key, text, ...children]. */
const tree = (...children) => ({ tag: 'svg', key: 'root', children: children.map(element) });
const element = ([key, text, ...children]) => ({ tag: key.startsWith('g') ? 'g' : 'path', key, attrs: text ? { d: text, ecmeta_x: 1 } : {}, children: children.map(element), text });

/** What stands where after edits, done as a page does them: each element's neighbours are a list of names. */
function done(from, all) {
  const parts = new Map([...from].map(([name, part]) => [name, { ...part }]));
  const lists = new Map([['', []]]);
  for (const [name, { within }] of from) lists.set(within, [...lists.get(within) ?? [], name]);
  const out = (name) => {
    const list = lists.get(parts.get(name).within);
    if (list?.includes(name)) list.splice(list.indexOf(name), 1);
  };
  for (const { name, gone, add, within, after, attrs, text } of all) {
    if (gone) {
      if (parts.has(name)) out(name);
      parts.delete(name);
      lists.delete(name);
      continue;
    }
    if (add) {
      assert.ok(!parts.has(name), `${name} is made twice`);
      assert.ok(within === '' || parts.has(within), `${name} is made in what is not there`);
      parts.set(name, { tag: add, within, attrs: {}, text: '' });
      lists.set(name, []);
    }
    const part = parts.get(name);
    assert.ok(part, `${name} is not there`);
    for (const [key, value] of Object.entries(attrs ?? {})) {
      if (value === null) delete part.attrs[key];
      else part.attrs[key] = value;
    }
    if (text !== undefined) part.text = text;
    if (after === undefined) continue;
    if (!add) out(name);
    const list = lists.get(part.within) ?? [];
    list.splice(after === '' ? 0 : list.indexOf(after) + 1, 0, name);
    lists.set(part.within, list);
  }
  const shown = new Map();
  const walk = (within) => {
    for (const name of lists.get(within) ?? []) {
      shown.set(name, parts.get(name));
      walk(name);
    }
  };
  walk('');
  return shown;
}

const leads = (from, to) => {
  const [a, b] = [picture(from), picture(to)];
  const all = edits(a, b);
  assert.deepEqual([...done(a, all)], [...b]);
  return all;
};

test('a number that changes is one edit', () => {
  assert.deepEqual(leads(tree(['g', '', ['a', '1'], ['b', '2']]), tree(['g', '', ['a', '1'], ['b', '3']])), [{ name: '/g/b', attrs: { d: '3' }, text: '3' }]);
});

test('what is the same is no edit, and what ECharts says beside it is left out', () => {
  assert.deepEqual(leads(tree(['a', '1']), tree(['a', '1'])), []);
  assert.deepEqual(picture(tree(['a', '1'])).get('/a'), { tag: 'path', within: '', attrs: { d: '1' }, text: '1' });
});

test('rows that change places move, and nothing else does', () => {
  const all = leads(tree(['a', '1'], ['b', '2'], ['c', '3']), tree(['c', '3'], ['a', '1'], ['b', '2']));
  assert.deepEqual(all, [{ name: '/a', after: '/c' }, { name: '/b', after: '/a' }]);
});

test('what is in something that goes is made anew with it', () => {
  const from = tree(['g', '', ['a', '1']]);
  const to = tree(['g', '', ['a', '1']]);
  to.children[0].tag = 'defs';
  leads(from, to);
});

test('any picture leads to any other', () => {
  let seed = 7;
  const random = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  const some = (depth) => {
    const keys = ['a', 'b', 'c', 'd', 'g1', 'g2', 'g3'].filter(() => random(3) > 0).sort(() => random(3) - 1);
    return keys.map((key) => [key, String(random(3)), ...(key.startsWith('g') && depth < 2 ? some(depth + 1) : [])]);
  };
  for (let i = 0; i < 500; i++) leads(tree(...some(0)), tree(...some(0)));
});
