// Waits until every finite animation has ended; returns false when time ran out first.
async ({ milliseconds }) => {
  const finite = () =>
    document
      .getAnimations()
      .filter((a) => a.playState === 'running' && Number.isFinite(a.effect?.getComputedTiming().endTime));
  const late = new Promise((done) => setTimeout(done, milliseconds, 'late'));
  while (finite().length) {
    const ended = await Promise.race([Promise.allSettled(finite().map((a) => a.finished)), late]);
    if (ended === 'late') return false;
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return true;
};
