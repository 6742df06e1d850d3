import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentence } from '../js/said.js';

test('a chart says its figures, and what is no number by its word', () => {
  const source = [['key', 'label', 'households', 'text', 'state'], ['illness', '因病', 6309, '6,309户', 'ok'], ['water', '因饮水', null, '＊', 'suppressed'], ['x', '其他', null, '缺报', 'missing']];
  assert.equal(sentence('致贫返贫风险', { source, total: { value: 6309, text: '6,309', unit: '户', state: 'ok' }, footnote: '＊ 少于5户' }),
    '致贫返贫风险：因病 6,309户；因饮水 ＊；其他 缺报；合计 6,309户；＊ 少于5户');
  assert.equal(sentence('走访', { source: [['key', 'label']], empty: '没有走访' }), '走访：没有走访');
});

test('a line says where it begins and ends, its highest and lowest, and its gaps', () => {
  const source = [['key', 'label', 'leads', 'leads_text', 'ground', 'gap'],
    ['1', '1月', 30, '', null, ''], ['2', '2月', null, '', 0, '缺报'], ['3', '3月', 50, '50', null, ''], ['4', '4月', 40.5, '40.5', null, '']];
  assert.equal(sentence('线索', { source, unit: '条' }), '线索：1月 30条 至 4月 40.5条，最高 3月 50条，最低 1月 30条；2月 缺报');
  const two = [['key', 'label', 'a', 'a_text', 'b', 'b_text', 'ground', 'gap'], ['1', '1月', 1, '', 2, '', null, ''], ['2', '2月', 3, '新增 3户', 4, '消除 4户', null, '']];
  assert.equal(sentence('变化', { source: two }), '变化：新增 1月 1 至 2月 3，最高 2月 3，最低 1月 1；消除 1月 2 至 2月 4，最高 2月 4，最低 1月 2');
});

test('a flow says its places', () => {
  assert.equal(sentence('资金', { nodes: [{ name: '省级下达', text: '3.2亿元' }, { name: '市县划分' }] }), '资金：省级下达 3.2亿元；市县划分');
});
