// The page's side of a settle in virtual time: it counts changes, draws frames on the virtual clock and ends transitions.
((BUDGET) => {
  const FRAME = 1000 / 60;
  const clock = performance.now.bind(performance);
  const frame = requestAnimationFrame.bind(window);
  const root = () => document.scrollingElement || document.documentElement;
  const waiting = new Map();
  const horizon = clock() + BUDGET;
  const undo = [];
  let [changes, drawn, others, interval, last, due] = [0, 0, 0, FRAME, 2 ** 30, false];

  const replace = (owner, name, value) => {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    try {
      Object.defineProperty(owner, name, { value, configurable: true, writable: true, enumerable: own?.enumerable ?? true });
    } catch { return; /* a page that froze its globals keeps its own */ }
    undo.push(() => { if (own) Object.defineProperty(owner, name, own); else delete owner[name]; });
  };
  const draw = () => {
    due = false;
    drawn += 1;
    const now = clock();
    for (const id of [...waiting.keys()]) {
      const callback = waiting.get(id);
      if (!waiting.delete(id)) continue;
      try { callback(now); } catch (error) { reportError(error); }
    }
  };
  // A clock that is asked ten thousand times within one task has somebody waiting for it: let it pass for them.
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
  const observer = new MutationObserver((records) => { changes += records.length; });
  const watch = (view) => {
    const { requestAnimationFrame: ask, cancelAnimationFrame: cancel, setTimeout: timer } = view;
    // Chromium's own frames follow the real clock; 300 of them would take five real seconds.
    replace(view, 'requestAnimationFrame', function requestAnimationFrame(callback) {
      if (typeof callback !== 'function') return ask.call(view, callback);
      waiting.set((last += 1), callback);
      if (!due) { due = true; timer.call(view, draw, interval); }
      return last;
    });
    replace(view, 'cancelAnimationFrame', function cancelAnimationFrame(id) { if (!waiting.delete(id)) cancel.call(view, id); });
    replace(view.performance, 'now', passing(view.performance.now.bind(view.performance)));
    replace(view.Date, 'now', passing(view.Date.now));
    for (const name of ['WebSocket', 'Worker', 'SharedWorker']) {
      if (view[name]) replace(view, name, new Proxy(view[name], { construct(...made) { others += 1; return Reflect.construct(...made); } }));
    }
    observer.observe(view.document, { subtree: true, childList: true, attributes: true, characterData: true });
    for (let i = 0; i < view.frames.length; i += 1) {
      try { if (view.frames[i].document) watch(view.frames[i]); } catch { /* another site's frame keeps its own time */ }
    }
  };

  // Chromium moves animations on the real clock too: this is where one would stand had it followed the virtual one.
  const first = new WeakMap();
  const standing = (animation) => {
    const [now, time] = [clock(), Number(animation.currentTime) || 0];
    if (!first.has(animation)) first.set(animation, { now, time });
    const seen = first.get(animation);
    return Math.max(time, seen.time + (now - seen.now) * animation.playbackRate);
  };
  const running = () => document.getAnimations().filter((animation) => animation.playState === 'running' && animation.timeline === document.timeline && animation.playbackRate > 0);
  // A patient visitor sees the end of what ends within the budget, and of every short transition; no slide show's.
  const ending = () => running().filter((animation) => {
    const end = Number(animation.effect?.getComputedTiming().endTime);
    return clock() + (end - standing(animation)) / animation.playbackRate <= horizon || end <= 2000;
  });
  // While the clock is paused frames go on, but tasks do not: nothing may be awaited after the frame.
  const realFrame = () => new Promise((done) => frame(done));
  const look = () => {
    const found = { now: clock(), changes, drawn, frames: waiting.size, others, animations: ending().length, height: root().scrollHeight };
    changes = drawn = others = 0;
    return found;
  };

  watch(window);
  return {
    look,
    async seen() { await realFrame(); return look(); },
    async finish() {
      const animations = ending();
      animations.forEach((animation) => animation.finish());
      await realFrame();
      changes += animations.length;
      return look();
    },
    every(milliseconds) { interval = Math.max(FRAME, milliseconds); },
    // Scrolls down a window at a time, one frame each, so that observers and lazy images fire; then back.
    async sweep(from, reach) {
      if (root().scrollHeight <= innerHeight) return { ...look(), reached: innerHeight };
      const start = root().scrollTop;
      const to = (top) => root().scrollTo({ top, behavior: 'instant' });
      let y = Math.max(0, from - innerHeight);
      // What is scrolled to inside a frame's callback is what that frame shows to observers.
      await realFrame();
      for (let height; y + innerHeight < (height = Math.min(root().scrollHeight, reach)); ) {
        y = Math.min(y + innerHeight, height - innerHeight);
        to(y);
        await realFrame();
      }
      to(start);
      return { ...await this.seen(), reached: y + innerHeight };
    },
    // What began in the last of the time is brought to its end, what goes on is held where it should stand, then the page gets its own functions back.
    async end() {
      if (changes || ending().length) await this.finish();
      const moving = running();
      for (const animation of moving) {
        animation.currentTime = standing(animation);
        animation.pause();
      }
      if (moving.length) await realFrame();
      observer.disconnect();
      undo.forEach((restore) => restore());
      return look();
    },
  };
})
