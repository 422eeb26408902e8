// Scrolls down one viewport at a time so that observers and lazy images fire, then back.
async ({ maxHeight, milliseconds }) => {
  const root = document.scrollingElement || document.documentElement;
  const end = performance.now() + milliseconds;
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
  let y = 0,
    stopped = 'end';
  for (;;) {
    const height = Math.min(root.scrollHeight, maxHeight);
    if (y + innerHeight >= height) break;
    if (performance.now() > end) {
      stopped = 'time';
      break;
    }
    y = Math.min(y + innerHeight, height - innerHeight);
    jump(y);
    await frame();
  }
  jump(startY);
  await frame();
  return { stopped, height: root.scrollHeight };
};
