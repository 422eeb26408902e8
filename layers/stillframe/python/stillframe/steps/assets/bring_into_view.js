// Scrolls an element into view everywhere, enlarges scroll areas that are smaller than it, and lets the window
// pass over an element that is larger than the window. Returns the size that its frame needs to show it whole.
async (element, { sweep, stay, milliseconds, needed, wait }) => {
  const end = performance.now() + milliseconds;
  const frame = () =>
    wait &&
    new Promise((done) => {
      const late = setTimeout(done, 100);
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          clearTimeout(late);
          done();
        }),
      );
    });
  const set = (el, name, value) => el.style.setProperty(name, value, 'important');
  const parentOf = (el) => el.assignedSlot || el.parentElement || el.getRootNode().host || null;
  const page = document.scrollingElement || document.documentElement;
  const before = [scrollX, scrollY];
  const clips = (value) => value !== 'visible';
  const inner = (style, content, names) =>
    style.boxSizing === 'border-box'
      ? content
      : content - names.map((name) => Number.parseFloat(style[name]) || 0).reduce((a, b) => a + b);

  // The element is a frame that is smaller than what is captured in it.
  if (needed) {
    if (element.clientHeight < needed.height) {
      set(element, 'height', `${needed.height}px`);
      set(element, 'max-height', 'none');
    }
    if (element.clientWidth < needed.width) {
      set(element, 'width', `${needed.width}px`);
      set(element, 'max-width', 'none');
    }
  }

  const box = element.getBoundingClientRect();
  let [taller, wider] = [0, 0];
  for (let el = parentOf(element); el; el = parentOf(el)) {
    if (el === page || el === document.documentElement) break;
    const style = getComputedStyle(el);
    // The overflow of `body` belongs to the window when `html` has none.
    const isWindow = el === document.body && !clips(getComputedStyle(document.documentElement).overflowY);
    const scrolls = (value) => !isWindow && ['auto', 'scroll', 'overlay'].includes(value);
    if (scrolls(style.overflowY) && el.clientHeight + 1 < box.height)
      taller = Math.max(taller, el.scrollHeight - el.clientHeight);
    if (scrolls(style.overflowX) && el.clientWidth + 1 < box.width)
      wider = Math.max(wider, el.scrollWidth - el.clientWidth);
    const size = el.getBoundingClientRect();
    if (taller && (clips(style.overflowY) || style.height !== 'auto')) {
      const sides = ['paddingTop', 'paddingBottom', 'borderTopWidth', 'borderBottomWidth'];
      set(el, 'min-height', `${inner(style, size.height + taller, sides)}px`);
      set(el, 'max-height', 'none');
      set(el, 'height', 'auto');
    }
    if (wider && clips(style.overflowX)) {
      const sides = ['paddingLeft', 'paddingRight', 'borderLeftWidth', 'borderRightWidth'];
      set(el, 'min-width', `${inner(style, size.width + wider, sides)}px`);
      set(el, 'max-width', 'none');
    }
  }

  const show = (block) => element.scrollIntoView({ block, inline: 'nearest', behavior: 'instant' });
  const tall = element.getBoundingClientRect().height > innerHeight;
  show(tall ? 'start' : 'center');
  await frame();
  if (sweep && tall) {
    const rest = () => element.getBoundingClientRect().bottom - innerHeight;
    while (rest() > 1 && performance.now() < end) {
      const y = scrollY;
      window.scrollBy({ top: Math.min(rest(), innerHeight), behavior: 'instant' });
      await frame();
      if (scrollY === y) break;
    }
    show('start');
    await frame();
  }
  if (!stay) {
    window.scrollTo({ left: before[0], top: before[1], behavior: 'instant' });
    await frame();
  }
  const shown = element.getBoundingClientRect();
  const fits = shown.width <= innerWidth + 1 && shown.height <= innerHeight + 1;
  return fits ? null : { width: page.scrollWidth, height: page.scrollHeight };
};
