// Scrolls the window and waits for two frames; returns where it was before and the distance from the left edge.
async ({ x, y, wait }, dom) => {
  const before = [scrollX, scrollY];
  const frame = () =>
    wait &&
    new Promise((done) => {
      const late = setTimeout(done, 200);
      requestAnimationFrame(() => {
        clearTimeout(late);
        done();
      });
    });
  if (x !== null && (scrollX !== x || scrollY !== y)) {
    await frame();
    window.scrollTo({ left: x, top: y, behavior: 'instant' });
    await frame();
    await frame();
  }
  const style = getComputedStyle(dom.bodyOf(document) ?? dom.rootOf(document));
  const root = getComputedStyle(dom.rootOf(document));
  const hidden = [root, style].some((s) => ['hidden', 'clip'].includes(s.overflowX));
  const vertical = [root, style].some((s) => s.writingMode !== 'horizontal-tb');
  return { before, now: [scrollX, scrollY], vertical, hidden };
};
