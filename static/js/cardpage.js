/**
 * A card alone, as the code on a wall opens it: /card/{metric}?region=…&batch=…
 *
 * @import {Card} from './card.js'
 */
import { address, ask, draw, Refused, stamp } from './card.js';
import { find, make, say } from './dom.js';

const PROVINCE = '460000';

const url = new URL(location.href);
const metric = decodeURIComponent(url.pathname.split('/').filter(Boolean)[1] ?? '');

/** @param {number|null} batch */
async function show(batch) {
  const region = url.searchParams.get('region') ?? PROVINCE;
  const body = find('#card');
  body.setAttribute('aria-busy', 'true');
  try {
    /** @type {Card} */
    const card = await ask(address(metric, region, batch));
    document.title = `${card.title} · ${card.region.name} · 瞭望`;
    say(find('#path'), `口径卡　${card.path.map((p) => p.name).join(' › ')}`);
    say(find('#title'), card.title);
    find('#stamp').replaceChildren(stamp(card));
    find('#demo').hidden = !card.demo;
    find('#newest').hidden = card.newest;
    body.replaceChildren(draw(card));
    document.documentElement.dataset.batch = String(card.batch);
  } catch (error) {
    body.replaceChildren(make('p', 'refused', error instanceof Refused ? error.message : '取不到'));
    find('#newest').hidden = false;
  }
  body.removeAttribute('aria-busy');
}

find('#newest').addEventListener('click', () => {
  url.searchParams.delete('batch');
  history.replaceState(null, '', url);
  void show(null);
});
const asked = Number(url.searchParams.get('batch'));
void show(asked > 0 ? asked : null);
