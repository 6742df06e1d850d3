// Where every text and every shape of a screen stands, on the glass and in its export: an
// expression that takes the panels and the export's SVG.
((panels, svg) => {
  const box = ({ left, top, right, bottom }) => [left, top, right, bottom].map((v) => Math.round(v * 100) / 100);
  const texts = (root) => {
    const out = [];
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      const e = n.parentElement;
      // A button is no part of the picture, and neither is which page of a list is turned up.
      if (!n.data.trim() || e.closest('style, title, .ask, .save, .pages') || !e.checkVisibility({ checkVisibilityCSS: true })) continue;
      const range = document.createRange();
      range.setStart(n, n.data.length - n.data.trimStart().length);
      range.setEnd(n, n.data.trimEnd().length);
      const rect = e.closest('svg') ? e.getBoundingClientRect() : range.getBoundingClientRect();
      const trimmed = n.data.trim().replace(/^≠ /, '');
      const within = root.getBoundingClientRect();
      if (root.tagName === 'SECTION' && rect.top > within.bottom) continue; // the strip's second line is not seen
      if (rect.width === 0 || /^[≠=+›]$/.test(trimmed)) continue; // signs that CSS writes
      out.push({ text: trimmed, box: box(rect) });
    }
    return out;
  };
  const shapes = (root, within) => [...(root.querySelector(within) ?? root).querySelectorAll('path')]
    .filter((e) => !e.closest('defs, clipPath') && e.getAttribute('fill') !== 'transparent')
    .map((e) => ({ text: `${e.getAttribute('fill')} ${e.getAttribute('stroke') ?? ''}`, box: box(e.getBoundingClientRect()) }));
  const layer = document.createElement('div');
  layer.style.cssText = 'position:fixed;inset:0;z-index:99';
  layer.innerHTML = svg;
  document.body.append(layer);
  const out = {};
  for (const id of panels) {
    const live = document.querySelector(`#screen #panel-${id}`);
    const drawn = layer.querySelector(`#panel-${id}`);
    const paged = Boolean(live.querySelector('.pages')?.textContent);
    out[id] = { live: texts(live), drawn: texts(drawn), liveShapes: live.querySelector('.canvas') && !live.querySelector('.canvas').hidden ? shapes(live, '.canvas') : [], drawnShapes: shapes(drawn, 'g'), paged, place: box(live.getBoundingClientRect()) };
  }
  layer.remove();
  return out;
})
