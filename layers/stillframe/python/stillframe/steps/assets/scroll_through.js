// Scrolls down one viewport at a time so that observers and lazy images fire, on while the page grows, then back.
async ({ maxHeight, milliseconds, toBeginning }, dom) => {
  const root = dom.scrollerOf(document);
  const end = performance.now() + milliseconds;
  const GROWTH = 600;
  // What prepare_full_page.js expanded.
  const areas = globalThis[Symbol.for('stillframe.areas')];
  const frame = () =>
    new Promise((done) => {
      const t = setTimeout(done, 100);
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          clearTimeout(t);
          done();
        }),
      );
    });
  const startX = root.scrollLeft,
    startY = root.scrollTop;
  const jump = (y) => root.scrollTo({ left: startX, top: y, behavior: 'instant' });
  const bottom = () => Math.min(root.scrollHeight, maxHeight);
  // Whether a list adds items at the end of the page, which takes a request.
  const grows = async (reached) => {
    areas?.fold();
    await frame();
    areas?.unfold();
    areas?.scrolled();
    const limit = Math.min(end, performance.now() + GROWTH);
    while (performance.now() < limit) {
      areas?.unfold();
      if (bottom() > reached) return true;
      await frame();
    }
    return bottom() > reached;
  };
  let y = 0,
    drawn = root.scrollHeight,
    stopped = 'end';
  const scrolls = root.scrollHeight > innerHeight;
  for (;;) {
    if (y + innerHeight >= bottom() && !(scrolls && (await grows(y + innerHeight)))) break;
    if (performance.now() > end) {
      stopped = 'time';
      break;
    }
    // An observer at the end of a list is notified again only after a frame in which added items hide it.
    if (root.scrollHeight !== drawn) {
      drawn = root.scrollHeight;
      await frame();
    }
    y = Math.min(y + innerHeight, bottom() - innerHeight);
    jump(y);
    await frame();
  }
  root.scrollTo({ left: toBeginning ? 0 : startX, top: toBeginning ? 0 : startY, behavior: 'instant' });
  await frame();
  return { stopped, height: root.scrollHeight };
};
