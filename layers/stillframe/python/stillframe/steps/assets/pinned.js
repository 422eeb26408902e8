// Shows pinned elements as the page has them (`keep`), hides all (`hide`), moves bars at the lower edge of
// the window `down` by so many pixels, or prepares the `first`, the `last` or a window `below` the first one: backdrops
// stay, other fixed elements are hidden, bars are shown in the last window only, and sticky elements go to their
// place in the text.
([mode, down], dom) => {
  const key = Symbol.for('stillframe.pinned');
  const backdrops = globalThis[Symbol.for('stillframe.backdrops')] ?? new Set();
  for (const [el, name, value, priority] of (globalThis[key] ?? []).reverse())
    dom.inlineStyleOf(el)?.setProperty(name, value, priority);
  const bars = globalThis[Symbol.for('stillframe.bars')] ?? new Set();
  const changed = [];
  globalThis[key] = changed;
  const set = (el, name, value) => {
    const style = dom.inlineStyleOf(el);
    if (!style) return;
    changed.push([el, name, style.getPropertyValue(name), style.getPropertyPriority(name)]);
    style.setProperty(name, value, 'important');
  };
  const unstick = (el) => {
    for (const side of ['top', 'right', 'bottom', 'left']) set(el, side, 'auto');
  };
  const visit = (tree) => {
    for (const el of dom.all(tree, '*')) {
      const { position } = getComputedStyle(el);
      if (position === 'fixed' || position === 'sticky') {
        if (mode === 'hide') set(el, 'visibility', 'hidden');
        else if (position === 'sticky') unstick(el);
        else if (!backdrops.has(el) && (bars.has(el) ? mode !== 'last' : mode !== 'first')) {
          set(el, 'transition', 'none');
          set(el, 'opacity', '0');
        }
      }
      if (dom.shadowOf(el)) visit(dom.shadowOf(el));
    }
  };
  if (mode === 'down')
    for (const el of bars) {
      const { bottom, position } = getComputedStyle(el);
      const distance = Number.parseFloat(bottom) || 0;
      // A sticky bar has a place in the text, which is where it is seen at the end of the page.
      if (position === 'sticky') {
        unstick(el);
        continue;
      }
      set(el, 'transition', 'none');
      set(el, 'bottom', `${distance - down}px`);
    }
  else if (mode !== 'keep') visit(document);
  return changed.length;
};
