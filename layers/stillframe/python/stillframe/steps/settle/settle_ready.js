// Waits for fonts, the images in view and two frames; returns the names of those that were late.
async ({ milliseconds }) => {
  const late = new Promise((done) => setTimeout(done, milliseconds, 'late'));
  const inView = [...document.images].filter((img) => {
    const box = img.getBoundingClientRect();
    return box.bottom >= 0 && box.top <= innerHeight && (img.currentSrc || img.src);
  });
  const frames = new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const waits = {
    fonts: document.fonts.ready,
    images: Promise.allSettled(inView.map((img) => img.decode())),
    frames,
  };
  const results = await Promise.all(
    Object.entries(waits).map(async ([name, wait]) =>
      (await Promise.race([wait, late])) === 'late' ? name : null,
    ),
  );
  return results.filter(Boolean);
};
