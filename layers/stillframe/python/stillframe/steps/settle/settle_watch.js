// The part of settling that looks at the page, in a world of its own: counts changes, draws frames and ends
// transitions.
(budget, dom) => {
  const MOST_WINDOWS = 40;
  const clock = performance.now.bind(performance);
  const frame = requestAnimationFrame.bind(window);
  const root = () => dom.scrollerOf(document);
  // What prepare_full_page.js expanded.
  const areas = globalThis[Symbol.for('stillframe.areas')];
  const horizon = clock() + budget;
  let changes = 0;
  let start = null;

  const observer = new MutationObserver((records) => {
    changes += records.length;
  });
  // A view transition shows the old state until it has drawn several frames.
  const skipTransition = (owner) => {
    const transition = owner.activeViewTransition;
    if (!transition) return;
    transition.ready.catch(() => {});
    transition.skipTransition();
    changes += 1;
  };
  for (const tree of dom.treesOf(document, { frames: true })) {
    observer.observe(tree, { subtree: true, childList: true, attributes: true, characterData: true });
    if (dom.kindOf(tree) === 9) skipTransition(tree);
  }

  // Chromium runs animations by the real clock too: the time of an animation on the virtual clock.
  const first = new WeakMap();
  const standing = (animation) => {
    const [now, time] = [clock(), Number(animation.currentTime) || 0];
    if (!first.has(animation)) first.set(animation, { now, time });
    const seen = first.get(animation);
    return Math.max(time, seen.time + (now - seen.now) * animation.playbackRate);
  };
  const running = () =>
    document
      .getAnimations()
      .filter(
        (animation) =>
          animation.playState === 'running' &&
          animation.timeline === document.timeline &&
          animation.playbackRate > 0,
      );
  // Animations to wait for: those that end within the budget, and short transitions.
  const ending = () =>
    running().filter((animation) => {
      const end = Number(animation.effect?.getComputedTiming().endTime);
      return clock() + (end - standing(animation)) / animation.playbackRate <= horizon || end <= 2000;
    });
  // While the clock is paused Chromium draws frames but runs no tasks: await nothing after the frame.
  const realFrame = () => new Promise((done) => frame(done));
  const look = () => {
    areas?.unfold();
    const found = {
      now: clock(),
      changes,
      animations: ending().length,
      height: root().scrollHeight,
    };
    changes = 0;
    return found;
  };

  return {
    look,
    async seen() {
      // The first call comes while timers still run.
      const late = new Promise((done) => setTimeout(done, 1500, true));
      const undrawn = await Promise.race([realFrame().then(() => false), late]);
      return { ...look(), undrawn };
    },
    // Two frames: what observers see is computed at the end of a frame, after its callbacks.
    async draw() {
      areas?.fold();
      await realFrame();
      await realFrame();
      return {};
    },
    async finish() {
      const animations = ending();
      for (const animation of animations) animation.finish();
      await realFrame();
      changes += animations.length;
      return look();
    },
    // Scrolls down one viewport per frame, so that observers and lazy images fire, and stays there.
    // A call has a limited time, so a very tall page takes several.
    async sweep(from, reach) {
      areas?.unfold();
      start ??= [root().scrollLeft, root().scrollTop];
      const to = (top) => root().scrollTo({ top, behavior: 'instant' });
      let y = Math.max(0, from - innerHeight);
      // Observers are notified of the position that is scrolled to inside a frame's callback.
      if (root().scrollHeight > innerHeight) await realFrame();
      let drawn = root().scrollHeight;
      for (let windows = 0; windows < MOST_WINDOWS; windows += 1) {
        const height = Math.min(root().scrollHeight, reach);
        if (y + innerHeight >= height) break;
        // An observer at the end of a list is notified again only after a frame in which added items hide it.
        if (root().scrollHeight !== drawn) {
          drawn = root().scrollHeight;
          await realFrame();
        }
        y = Math.min(y + innerHeight, height - innerHeight);
        to(y);
        await realFrame();
      }
      areas?.scrolled();
      return { ...look(), reached: y + innerHeight, view: innerHeight };
    },
    // Scrolls back to where the sweep began, or to the beginning of the page.
    async goBack(toBeginning) {
      const [left, top] = toBeginning || !start ? [0, 0] : start;
      if (root().scrollTop === top && root().scrollLeft === left) return look();
      root().scrollTo({ left, top, behavior: 'instant' });
      await realFrame();
      return look();
    },
    // Finishes what began last, and pauses other animations at their virtual time.
    async end() {
      if (changes || ending().length) await this.finish();
      const moving = running();
      globalThis[Symbol.for('stillframe.moving')] = moving;
      for (const animation of moving) {
        animation.currentTime = standing(animation);
        animation.pause();
      }
      if (moving.length) await realFrame();
      observer.disconnect();
      return look();
    },
  };
};
