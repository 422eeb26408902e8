// Scrolls down one viewport at a time so that observers and lazy images fire, on while the page grows, then back.
//
// A list adds items after a request or a timer. They are waited for `growth` milliseconds; when that is 0, only if
// the page has set a timer since the scrolling began, and the caller looks after the requests. `from` is how far
// an earlier call came.
async ({ from, maxHeight, milliseconds, toBeginning, growth }, dom) => {
  const root = dom.scrollerOf(document);
  const end = performance.now() + milliseconds;
  const GROWTH = 600;
  // What prepare_full_page.js expanded.
  const areas = globalThis[Symbol.for('stillframe.areas')];
  // The numbers of timers are shared by all worlds of a document, and each new timer has the next one.
  let own = 0;
  const later = (done, wait) => {
    own += 1;
    return setTimeout(done, wait);
  };
  const newest = () => {
    const id = later(() => {}, 0);
    clearTimeout(id);
    return id - own;
  };
  const frame = () =>
    new Promise((done) => {
      const t = later(done, 100);
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
  const before = newest();
  const grows = async (reached) => {
    areas?.fold();
    await frame();
    areas?.unfold();
    areas?.scrolled();
    // Observers in an area are told in the frame after it was unfolded.
    if (areas) await frame();
    if (!growth && newest() === before) return bottom() > reached;
    const limit = Math.min(end, performance.now() + (growth || GROWTH));
    while (performance.now() < limit) {
      areas?.unfold();
      if (bottom() > reached) return true;
      await frame();
    }
    return bottom() > reached;
  };
  if (from > 0 && !(await grows(from))) return { stopped: 'end', reached: from };
  let y = Math.max(0, from - innerHeight),
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
  return { stopped, reached: y + innerHeight };
};
