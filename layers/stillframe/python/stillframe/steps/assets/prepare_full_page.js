// Prepares a page whose whole length is captured: draws `content-visibility: auto`, gives scroll areas the height
// of their content, and watches for elements that show only while they are near the window.
({ expand, force }, dom) => {
  const [root, body] = [dom.rootOf(document), dom.bodyOf(document)];
  const view = { width: root.clientWidth, height: innerHeight };
  if (document.compatMode === 'BackCompat') view.width = innerWidth;
  const page = dom.scrollerOf(document);
  const key = Symbol.for('stillframe.reveals');
  const SHOWS = ['visible', 'clip'];
  // How many earlier values of an attribute are remembered.
  const EARLIER = 3;
  const set = (el, name, value) => dom.inlineStyleOf(el)?.setProperty(name, value, 'important');
  const parentOf = (el) => el.assignedSlot || el.parentElement || el.getRootNode().host || null;

  // Elements of the document and of open shadow trees.
  const trees = dom.treesOf(document, { frames: false });
  const elements = trees.flatMap((tree) => dom.all(tree, '*'));

  const scrolls = (el, style) => {
    if (el === page || !['auto', 'scroll', 'overlay'].includes(style.overflowY)) return false;
    if (el.scrollHeight <= el.clientHeight + 1) return false;
    // The overflow of `html`, or of `body` when `html` has none, belongs to the window.
    if (el === root) return false;
    if (el === body && SHOWS.includes(getComputedStyle(root).overflowY)) return false;
    return true;
  };
  const frameContent = (el) => {
    const inner = dom.nameOf(el) === 'iframe' ? dom.documentIn(el) : null;
    return inner && dom.scrollerOf(inner);
  };
  const overflowOf = (el, style) => {
    const inner = frameContent(el);
    if (inner) return inner.scrollHeight - inner.clientHeight;
    return scrolls(el, style) ? el.scrollHeight - el.clientHeight : 0;
  };
  const fills = (el) => {
    const box = el.getBoundingClientRect();
    const shown = Math.min(box.right, view.width) - Math.max(box.left, 0);
    return el.clientHeight >= view.height / 2 && shown >= view.width / 8;
  };

  // A descendant as high as the area whose own content fits is a screen of its own: it keeps its height.
  const screensIn = (area) => {
    const found = [];
    const look = (el, depth) => {
      for (const child of el.children) {
        const height = child.offsetHeight;
        if (!height) continue;
        if (child.scrollHeight <= child.clientHeight + 1) found.push([child, height]);
        else if (depth) look(child, depth - 1);
      }
    };
    look(area, 3);
    return found;
  };
  const grow = (area, extra) => {
    const screens = screensIn(area);
    const inner = frameContent(area);
    // All heights are measured first: an element grows with the one in it.
    const chain = [];
    for (let el = area; el && el !== root; el = parentOf(el))
      chain.push([el, el.getBoundingClientRect().height]);
    for (const [el, height] of chain) {
      const style = getComputedStyle(el);
      if (style.display === 'contents' || style.display === 'inline') continue;
      const content = ['border-box'].includes(style.boxSizing)
        ? height
        : height -
          ['paddingTop', 'paddingBottom', 'borderTopWidth', 'borderBottomWidth']
            .map((side) => Number.parseFloat(style[side]) || 0)
            .reduce((a, b) => a + b);
      const position = style.position;
      if (position === 'fixed') set(el, 'position', 'absolute');
      if (position === 'fixed' || position === 'absolute') set(el, 'bottom', 'auto');
      set(el, 'max-height', 'none');
      if (inner && el === area) set(el, 'height', `${content + extra}px`);
      else {
        set(el, 'height', 'auto');
        set(el, 'min-height', `${content + extra}px`);
      }
    }
    for (const [el, height] of screens)
      if (Math.abs(el.offsetHeight - height) > 1) {
        set(el, 'box-sizing', 'border-box');
        set(el, 'height', `${height}px`);
        set(el, 'min-height', '0');
      }
  };

  const growToContent = (area) => {
    for (let i = 0; i < 3; i += 1) {
      const extra = overflowOf(area, getComputedStyle(area));
      if (extra <= 1) break;
      grow(area, extra);
    }
  };

  // `auto` contains layout, style and paint too, so what is drawn over what must not change without it.
  for (const el of elements) {
    const { contain, contentVisibility } = getComputedStyle(el);
    if (contentVisibility !== 'auto') continue;
    const kinds = contain.split(' ').filter((kind) => !['none', 'layout', 'style', 'paint'].includes(kind));
    if (!['strict', 'content'].includes(contain))
      set(el, 'contain', [...kinds, 'layout', 'style', 'paint'].join(' '));
    set(el, 'content-visibility', 'visible');
  }

  let expanded = 0;
  const lists = [];
  // A document that scrolls by itself is the page; areas within it are parts of the page.
  const own = page.scrollHeight <= view.height * 1.1;
  if (expand && (own || force)) {
    const areas = elements.filter((el) => overflowOf(el, getComputedStyle(el)) > 1 && fills(el));
    if (force && !own) areas.sort((a, b) => b.scrollHeight - a.scrollHeight).splice(1);
    // Inner areas first, so that outer ones are measured with them at full height.
    for (const el of areas.reverse()) {
      el.scrollTop = 0;
      const shown = el.getBoundingClientRect().height;
      growToContent(el);
      expanded += 1;
      if (!frameContent(el)) lists.push([el, shown]);
    }
    // An area at full height never scrolls, so a list in it that grows has to be told that its end was reached:
    // one that listens by the event, and one with an observer by a frame in which the end is out of sight.
    if (lists.length)
      globalThis[Symbol.for('stillframe.areas')] = {
        scrolled() {
          for (const [el] of lists) el.dispatchEvent(new Event('scroll'));
        },
        fold() {
          for (const [el, height] of lists) {
            set(el, 'max-height', `${height}px`);
            set(el, 'min-height', '0');
          }
        },
        unfold() {
          for (const [el] of lists) {
            set(el, 'max-height', 'none');
            growToContent(el);
          }
        },
      };
  }

  if (!globalThis[key]) {
    const [earlier, added] = [new WeakMap(), new WeakSet()];
    const state = { found: new Set() };
    const sheet = new CSSStyleSheet();
    sheet.insertRule('i{}');
    const { style: probe } = sheet.cssRules[0];
    // The author spells the first value of `style` and Chromium the next ones.
    const spelled = (name, value) => {
      if (name !== 'style') return value ?? '';
      probe.cssText = value ?? '';
      return probe.cssText;
    };
    const note = (record) => {
      const { target } = record;
      if (record.type === 'childList') {
        for (const node of record.addedNodes) added.add(node);
        if ([...record.removedNodes].some((node) => added.has(node))) state.found.add(target);
        return;
      }
      if (!earlier.has(target)) earlier.set(target, new Map());
      const names = earlier.get(target);
      const name = record.attributeName;
      const values = names.get(name) ?? [];
      if (values.includes(spelled(name, target.getAttribute(name)))) state.found.add(target);
      if (values.length < EARLIER) values.push(spelled(name, record.oldValue));
      names.set(name, values);
    };
    state.observer = new MutationObserver((records) => {
      if (state.found.size < 1000) for (const record of records) note(record);
    });
    state.take = () => {
      for (const record of state.observer.takeRecords()) note(record);
      return state.found;
    };
    globalThis[key] = state;
    const options = { subtree: true, childList: true, attributes: true, attributeOldValue: true };
    for (const tree of trees) state.observer.observe(tree, options);
  }
  return { expanded, height: page.scrollHeight };
};
