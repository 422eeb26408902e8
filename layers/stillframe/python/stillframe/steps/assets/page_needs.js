// What a page shows only near the window, so that one picture of its whole length would lack it.
(_, dom) => {
  const [root, body] = [dom.rootOf(document), dom.bodyOf(document)];
  const view = { width: root.clientWidth || innerWidth, height: innerHeight };
  const page = dom.scrollerOf(document);
  const needs = { frames: 0, backdrops: 0, attachments: 0, timelines: 0, reveals: 0, bars: 0 };
  const backdrops = new Set();
  globalThis[Symbol.for('stillframe.backdrops')] = backdrops;
  const bars = new Set();
  globalThis[Symbol.for('stillframe.bars')] = bars;
  // An element that keeps its distance from the lower edge of the window.
  const isBar = (el, style, box) =>
    box.height > 0 &&
    box.top > view.height / 2 &&
    style.bottom !== 'auto' &&
    String(el.computedStyleMap().get('bottom')) !== 'auto' &&
    String(el.computedStyleMap().get('top')) === 'auto';
  const below = (box) => box.bottom + scrollY > view.height + 1 && box.width > 1 && box.height > 1;
  const isFixed = (el) => {
    for (let e = el; e; e = e.parentElement) if (getComputedStyle(e).position === 'fixed') return true;
    return false;
  };
  const isInArea = (el) => {
    for (let e = el.parentElement; e && e !== root && e !== body; e = e.parentElement)
      if (getComputedStyle(e).overflowY !== 'visible') return true;
    return false;
  };
  const POINTS = [0.04, 0.2, 0.35, 0.5, 0.65, 0.8, 0.96];
  // Whether the page's content is painted over an element that covers the window.
  const isBehind = (el, style) => {
    if (Number(style.zIndex) < 0 || style.pointerEvents === 'none') return true;
    for (const x of POINTS)
      for (const y of POINTS) {
        const box = el.getBoundingClientRect();
        if (y * view.height < box.top || y * view.height >= box.bottom) continue;
        const hit = document.elementFromPoint(x * view.width, y * view.height);
        if (hit && !el.contains(hit) && !hit.contains(el) && !isFixed(hit)) return true;
      }
    return false;
  };
  const covers = (style, width, height) =>
    style.opacity !== '0' &&
    style.visibility !== 'hidden' &&
    width >= view.width * 0.8 &&
    height >= view.height * 0.8;
  const px = (text) => Number.parseFloat(text) || 0;
  const isPainted = (style) =>
    style.backgroundColor !== 'rgba(0, 0, 0, 0)' ||
    [style.backgroundImage, style.backdropFilter].some((value) => value !== 'none');
  const visit = (tree, depth) => {
    for (const el of dom.all(tree, ':modal, :popover-open'))
      if (isPainted(getComputedStyle(el, '::backdrop'))) needs.backdrops += 1;
    for (const el of dom.all(tree, '*')) {
      const style = getComputedStyle(el);
      if (['IFRAME', 'FRAME', 'OBJECT', 'EMBED'].includes(el.tagName)) {
        if ((el.src || el.data || el.srcdoc) && !dom.documentIn(el) && below(el.getBoundingClientRect()))
          needs.frames += 1;
      }
      if (style.backgroundImage !== 'none' && style.backgroundAttachment.includes('fixed')) {
        const isRoot = el === root || el === body;
        if (isRoot || below(el.getBoundingClientRect())) needs.attachments += 1;
      }
      if (style.position === 'fixed') {
        const box = el.getBoundingClientRect();
        if (covers(style, box.width, box.height) && isBehind(el, style)) backdrops.add(el);
        else if (isBar(el, style, box)) bars.add(el);
      }
      if (style.position === 'sticky' && style.bottom !== 'auto') {
        const box = el.getBoundingClientRect();
        if (box.height > 0 && box.bottom > view.height / 2 && !isInArea(el)) bars.add(el);
      }
      if (depth === 0 && (el === root || el.parentElement === body || el === body))
        for (const name of ['::before', '::after']) {
          const pseudo = getComputedStyle(el, name);
          if (pseudo.content !== 'none' && pseudo.position === 'fixed')
            if (covers(pseudo, px(pseudo.width), px(pseudo.height))) needs.backdrops += 1;
        }
      if (dom.shadowOf(el)) visit(dom.shadowOf(el), depth + 1);
    }
  };
  if (page.scrollHeight <= view.height + 1) return needs;
  visit(document, 0);
  needs.backdrops += backdrops.size;
  needs.bars = bars.size;
  for (const animation of document.getAnimations())
    if (animation.timeline && animation.timeline !== document.timeline && 'source' in animation.timeline)
      needs.timelines += 1;
  const isHidden = (el) => {
    const style = getComputedStyle(el);
    return (
      Number(style.opacity) < 0.9 ||
      style.visibility === 'hidden' ||
      ['transform', 'translate', 'scale', 'rotate', 'clipPath', 'filter'].some(
        (name) => style[name] !== 'none',
      )
    );
  };
  const reveals = globalThis[Symbol.for('stillframe.reveals')];
  for (const el of reveals ? reveals.take() : []) {
    if (!(el instanceof Element) || !el.isConnected) continue;
    const box = el.getBoundingClientRect();
    const tall = box.height > view.height;
    if (box.top + scrollY < view.height && !tall) continue;
    if (el === body || el === root) continue;
    if (tall || isHidden(el) || [...el.querySelectorAll('*')].slice(0, 30).some(isHidden)) needs.reveals += 1;
  }
  return needs;
};
