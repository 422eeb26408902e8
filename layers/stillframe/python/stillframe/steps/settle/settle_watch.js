// The page's side of settling in virtual time: counts changes, draws frames and ends transitions.
(budget) => {
  const FRAME = 1000 / 60;
  const clock = performance.now.bind(performance);
  const frame = requestAnimationFrame.bind(window);
  const root = () => document.scrollingElement || document.documentElement;
  const waiting = new Map();
  const horizon = clock() + budget;
  const undo = [];
  let [changes, drawn, others, interval, last, due] = [0, 0, 0, FRAME, 2 ** 30, false];

  const replace = (owner, name, value) => {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    try {
      Object.defineProperty(owner, name, {
        value,
        configurable: true,
        writable: true,
        enumerable: own?.enumerable ?? true,
      });
    } catch {
      return; /* a page that froze its globals keeps its own */
    }
    undo.push(() => {
      if (own) Object.defineProperty(owner, name, own);
      else delete owner[name];
    });
  };
  const draw = () => {
    due = false;
    drawn += 1;
    const now = clock();
    for (const id of [...waiting.keys()]) {
      const callback = waiting.get(id);
      if (!waiting.delete(id)) continue;
      try {
        callback(now);
      } catch (error) {
        reportError(error);
      }
    }
  };
  // A script that reads the clock ten thousand times in one task waits for it: advance it for that script.
  // Shown by the pages `busy_wait` and `busy_wait_date` of tests/e2e/test_settle.py.
  const passing = (now) => {
    let [seen, times, ahead] = [0, 0, 0];
    return () => {
      const time = now();
      times = time === seen ? times + 1 : 0;
      seen = time;
      if (times > 10000) ahead += 1;
      return time + ahead;
    };
  };
  const observer = new MutationObserver((records) => {
    changes += records.length;
  });
  const watch = (view) => {
    const { requestAnimationFrame: ask, cancelAnimationFrame: cancel, setTimeout: timer } = view;
    // Chromium draws frames by the real clock even in virtual time: 300 would take five real seconds.
    replace(view, 'requestAnimationFrame', function requestAnimationFrame(callback) {
      if (typeof callback !== 'function') return ask.call(view, callback);
      last += 1;
      waiting.set(last, callback);
      if (!due) {
        due = true;
        timer.call(view, draw, interval);
      }
      return last;
    });
    replace(view, 'cancelAnimationFrame', function cancelAnimationFrame(id) {
      if (!waiting.delete(id)) cancel.call(view, id);
    });
    replace(view.performance, 'now', passing(view.performance.now.bind(view.performance)));
    replace(view.Date, 'now', passing(view.Date.now));
    for (const name of ['WebSocket', 'Worker', 'SharedWorker']) {
      if (view[name])
        replace(
          view,
          name,
          new Proxy(view[name], {
            construct(...made) {
              others += 1;
              return Reflect.construct(...made);
            },
          }),
        );
    }
    observer.observe(view.document, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
    // Chromium 156 crashes when a script of about:blank touches a frame of a blob: address (tests/e2e, row `a
    // frame that Chromium cannot show to scripts`).
    if (view.location.protocol === 'about:' && view.document.querySelector('iframe[src^="blob:"]')) return;
    for (let i = 0; i < view.frames.length; i += 1) {
      try {
        if (view.frames[i].document) watch(view.frames[i]);
      } catch {
        /* a frame of another site cannot be reached */
      }
    }
  };

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
    const found = {
      now: clock(),
      changes,
      drawn,
      frames: waiting.size,
      others,
      animations: ending().length,
      height: root().scrollHeight,
    };
    changes = drawn = others = 0;
    return found;
  };

  watch(window);
  return {
    look,
    async seen() {
      await realFrame();
      return look();
    },
    async finish() {
      const animations = ending();
      for (const animation of animations) animation.finish();
      await realFrame();
      changes += animations.length;
      return look();
    },
    drawEvery(milliseconds) {
      interval = Math.max(FRAME, milliseconds);
    },
    // Scrolls down one viewport per frame, so that observers and lazy images fire, then back.
    async sweep(from, reach) {
      if (root().scrollHeight <= innerHeight) return { ...look(), reached: innerHeight };
      const start = root().scrollTop;
      const to = (top) => root().scrollTo({ top, behavior: 'instant' });
      let y = Math.max(0, from - innerHeight);
      // Observers are notified of the position that is scrolled to inside a frame's callback.
      await realFrame();
      for (;;) {
        const height = Math.min(root().scrollHeight, reach);
        if (y + innerHeight >= height) break;
        y = Math.min(y + innerHeight, height - innerHeight);
        to(y);
        await realFrame();
      }
      to(start);
      return { ...(await this.seen()), reached: y + innerHeight };
    },
    // Finishes what began last, pauses other animations at their virtual time, restores the page's functions.
    async end() {
      if (changes || ending().length) await this.finish();
      const moving = running();
      for (const animation of moving) {
        animation.currentTime = standing(animation);
        animation.pause();
      }
      if (moving.length) await realFrame();
      observer.disconnect();
      for (const restore of undo) restore();
      return look();
    },
  };
};
