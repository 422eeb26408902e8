// The part of settling that has to replace functions of the page, and so runs in the page's own world: it draws
// animation frames by the virtual clock, and counts frames, workers and sockets. It trusts no global that a page
// may have replaced: no Map, Promise, JSON or method of Array, and nothing that needs an iterator.
() => {
  const FRAME = 1000 / 60;
  const undo = [];
  let waiting = { __proto__: null };
  let drawing = waiting;
  let drawn = 0;
  let others = 0;
  let interval = FRAME;
  let last = 2 ** 30;
  let due = false;
  let frames = 0;

  const replace = (owner, name, made) => {
    const found = owner[name];
    try {
      owner[name] = made;
      if (owner[name] !== made) return; // a page that froze its globals keeps its own
    } catch {
      return;
    }
    undo[undo.length] = () => {
      // What was inherited is inherited again.
      delete owner[name];
      if (owner[name] !== found) owner[name] = found;
    };
  };
  const drawAt = (now, report) => () => {
    due = false;
    drawn += 1;
    const time = now();
    drawing = waiting;
    waiting = { __proto__: null };
    frames = 0;
    for (const id in drawing) {
      const callback = drawing[id];
      delete drawing[id];
      if (!callback) continue;
      try {
        callback(time);
      } catch (error) {
        report?.(error);
      }
    }
  };
  // A script that reads the clock ten thousand times in one task waits for it: advance it for that script.
  // Shown by the pages `busy_wait` and `busy_wait_date` of tests/e2e/test_settle.py.
  const passing = (now) => {
    let seen = 0;
    let times = 0;
    let ahead = 0;
    return () => {
      const time = now();
      times = time === seen ? times + 1 : 0;
      seen = time;
      if (times > 10000) ahead += 1;
      return time + ahead;
    };
  };
  const watchClock = (view, now) => {
    const { Date: Calendar, performance: timing } = view;
    const today = Calendar.now;
    replace(timing, 'now', passing(now));
    replace(
      Calendar,
      'now',
      passing(() => today.call(Calendar)),
    );
  };
  const watchOthers = (view) => {
    const { Proxy: Wrapper, Reflect: reflecting } = view;
    const { construct } = reflecting;
    const counting = {
      construct(target, made, wanted) {
        others += 1;
        return construct(target, made, wanted);
      },
    };
    if (view.WebSocket) replace(view, 'WebSocket', new Wrapper(view.WebSocket, counting));
    if (view.Worker) replace(view, 'Worker', new Wrapper(view.Worker, counting));
    if (view.SharedWorker) replace(view, 'SharedWorker', new Wrapper(view.SharedWorker, counting));
  };
  const watchFrames = (view, now) => {
    const { requestAnimationFrame: ask, cancelAnimationFrame: cancel, setTimeout: timer, reportError } = view;
    const draw = drawAt(now, reportError);
    // Chromium draws frames by the real clock even in virtual time: 300 would take five real seconds.
    replace(view, 'requestAnimationFrame', function requestAnimationFrame(callback) {
      if (typeof callback !== 'function') return ask.call(view, callback);
      last += 1;
      frames += 1;
      waiting[last] = callback;
      if (!due) {
        due = true;
        timer.call(view, draw, interval);
      }
      return last;
    });
    replace(view, 'cancelAnimationFrame', function cancelAnimationFrame(id) {
      if (waiting[id]) {
        delete waiting[id];
        frames -= 1;
      } else if (drawing[id]) drawing[id] = null;
      else cancel.call(view, id);
    });
  };
  // A view transition shows the old state until it has drawn several frames. The functions are never restored: a
  // page that has settled may still start one in a frame.
  const skipTransitions = (view) => {
    const owners = [view.Document.prototype, view.Element.prototype];
    for (let i = 0; i < owners.length; i += 1) {
      const start = owners[i].startViewTransition;
      if (typeof start !== 'function' || start.skips) continue;
      const { apply } = view.Reflect;
      owners[i].startViewTransition = function startViewTransition(...options) {
        const transition = apply(start, this, options);
        transition.ready.catch(() => {});
        transition.skipTransition();
        return transition;
      };
      owners[i].startViewTransition.skips = true;
    }
  };
  const watch = (view) => {
    const { performance: timing } = view;
    const { now: read } = timing;
    const now = () => read.call(timing);
    watchFrames(view, now);
    // Each part by itself: a page may have replaced what the other needs.
    try {
      watchClock(view, now);
    } catch {
      // this clock keeps standing
    }
    try {
      watchOthers(view);
    } catch {
      // its workers and sockets are not counted
    }
    try {
      skipTransitions(view);
    } catch {
      // its view transitions take their time
    }
    // Chromium 156 crashes when a script of about:blank touches a frame of a blob: address (tests/e2e, row `a
    // frame that Chromium cannot show to scripts`).
    if (view.location.protocol === 'about:' && view.document.querySelector('iframe[src^="blob:"]')) return;
    for (let i = 0; i < view.frames.length; i += 1) {
      try {
        if (view.frames[i].document) watch(view.frames[i]);
      } catch {
        // a frame of another site cannot be reached
      }
    }
  };

  watch(window);
  return {
    look() {
      const found = { drawn, frames, others };
      drawn = 0;
      others = 0;
      return found;
    },
    drawEvery(milliseconds) {
      interval = milliseconds;
    },
    end() {
      for (let i = undo.length - 1; i >= 0; i -= 1) undo[i]();
    },
  };
};
