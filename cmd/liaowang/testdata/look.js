// What is wrong with the screen as it is drawn: an expression that gives a list of words.
((panels) => {
  const wrong = [];
  const root = document.documentElement;
  const unit = parseFloat(getComputedStyle(root).getPropertyValue('--u'));
  const hand = root.dataset.hand === 'true';
  const least = 16 * (hand ? 1 : unit) - 0.02;
  const name = (e) => (e.textContent ?? '').trim().slice(0, 24);
  const seen = (e) => e.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true });
  // A line's box has room above and below what is written: 1.45 of a CJK font's size, of which the glyphs take one.
  const glyphs = ({ left, right, top, height }) => ({ left, right, top: top + 0.21 * height, bottom: top + 0.87 * height, height: 0.66 * height });
  const inside = (r, box, by) => r.left >= box.left - by && r.right <= box.right + by && r.top >= box.top - by && r.bottom <= box.bottom + by;

  const screen = document.querySelector('#screen').getBoundingClientRect();
  if (root.scrollWidth > innerWidth + 1) wrong.push(`the page is ${root.scrollWidth} wide in a window of ${innerWidth}`);
  if (!hand && root.scrollHeight > innerHeight + 1) wrong.push(`the page is ${root.scrollHeight} high in a window of ${innerHeight}`);
  for (const id of panels) {
    const panel = document.getElementById(`panel-${id}`);
    if (!panel) { wrong.push(`${id} is not there`); continue; }
    const box = panel.getBoundingClientRect();
    if (box.width < 40 || box.height < 20) wrong.push(`${id} is ${box.width} × ${box.height}`);
    if (!inside(box, screen, 1)) wrong.push(`${id} is not within the screen`);
    const sideways = root.dataset.layout === 'narrow' && getComputedStyle(panel.querySelector('.body')).overflowX === 'auto';

    // Texts of the page and of charts, each with its box.
    const texts = [];
    const walk = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      const e = n.parentElement;
      if (!n.data.trim() || !e || e.closest('svg') || e.closest('style') || !seen(e)) continue;
      const range = document.createRange();
      range.selectNodeContents(n);
      for (const r of range.getClientRects()) {
        if (r.width > 0) texts.push({ e, r: glyphs(r), size: parseFloat(getComputedStyle(e).fontSize) });
      }
    }
    for (const e of panel.querySelectorAll('svg text')) {
      const r = e.getBoundingClientRect();
      if (name(e) && r.width > 0 && seen(e)) texts.push({ e, r: glyphs(r), size: parseFloat(getComputedStyle(e).fontSize) * (hand ? 1 : unit) });
    }
    const drawn = panel.querySelector('.body').textContent.trim();
    if (!drawn && panel.className !== 'panel ticker') wrong.push(`${id} shows nothing`);
    for (const { e, r, size } of texts) {
      if (size < least) wrong.push(`${id}: ${name(e)} is ${size} px, at least ${least} are wanted`);
      if (!sideways && !inside(r, box, 1.5 * Math.max(unit, 1)) && !e.closest('.checks')) wrong.push(`${id}: ${name(e)} leaves the panel`);
      if (name(e).endsWith('…') || name(e).endsWith('...')) wrong.push(`${id}: ${name(e)} is cut`);
    }
    for (let i = 0; i < texts.length; i++) {
      for (let k = i + 1; k < texts.length; k++) {
        const [a, b] = [texts[i], texts[k]];
        if (a.e.contains(b.e) || b.e.contains(a.e)) continue;
        const x = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
        const y = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
        if (x > 2 * unit && y > 0.15 * Math.min(a.r.height, b.r.height)) wrong.push(`${id}: ${name(a.e)} and ${name(b.e)} lie on one another`);
      }
    }
  }
  return [...new Set(wrong)];
})
