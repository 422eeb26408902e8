// Shows pinned elements as the page has them (`keep`), hides all (`hide`), or prepares a window below the first
// one (`below`): backdrops stay, other fixed elements are hidden, and sticky ones go to their place in the text.
(mode, dom) => {
  const key = Symbol.for('stillframe.pinned');
  const backdrops = globalThis[Symbol.for('stillframe.backdrops')] ?? new Set();
  for (const [el, name, value, priority] of (globalThis[key] ?? []).reverse())
    dom.inlineStyleOf(el)?.setProperty(name, value, priority);
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
        else if (mode === 'below' && !backdrops.has(el)) {
          set(el, 'transition', 'none');
          set(el, 'opacity', '0');
        }
      }
      if (dom.shadowOf(el)) visit(dom.shadowOf(el));
    }
  };
  if (mode !== 'keep') visit(document);
  return changed.length;
};
