// Runs before every script of every frame, and cuts the texts that Chromium reports to its DevTools client: of
// console messages, uncaught errors, rejections and dialogs. Playwright's driver receives and keeps them
// whole. Ordinary texts pass unchanged. What a page can still send (workers, property names) is for the watchdog.
(() => {
  const LONGEST = 4000;
  const MOST_ARGUMENTS = 50;
  // Characters that one realm may report; beyond them nothing is reported any more.
  const ALL = 2_000_000;

  const { apply, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
  const { Element, Error: AnyError, ErrorEvent, PromiseRejectionEvent, Proxy: Wrapper } = globalThis;
  const { min } = Math;
  const bind =
    (f) =>
    (self, ...args) =>
      apply(f, self, args);
  const getter = (prototype, name) => bind(getOwnPropertyDescriptor(prototype, name).get);
  const isInstance = bind(Function.prototype[Symbol.hasInstance]);
  const source = bind(Function.prototype.toString);
  const slice = bind(String.prototype.slice);
  const codeAt = bind(String.prototype.charCodeAt);
  const described = getter(Symbol.prototype, 'description');
  const idOf = getter(Element.prototype, 'id');
  const classOf = getter(Element.prototype, 'className');
  const messageOf = getter(ErrorEvent.prototype, 'message');
  const errorOf = getter(ErrorEvent.prototype, 'error');
  const reasonOf = getter(PromiseRejectionEvent.prototype, 'reason');
  const prevent = bind(Event.prototype.preventDefault);
  const reportError = console.error.bind(console);
  let spent = 0;

  /** The text that stands for a value in a report; "" for values whose text is short. */
  const textOf = (value) => {
    try {
      switch (typeof value) {
        case 'string':
          return value;
        case 'function':
          return source(value);
        case 'symbol':
          return described(value) ?? '';
        case 'object':
          if (value === null) return '';
          if (isInstance(AnyError, value)) return typeof value.stack === 'string' ? value.stack : '';
          if (isInstance(Element, value)) return `${idOf(value)}${classOf(value)}`;
      }
    } catch {}
    return '';
  };

  /** The beginning of a text, as a string that does not keep the whole text in memory. */
  const beginning = (text) => {
    const joined = `${slice(text, 0, LONGEST)}…`;
    codeAt(joined, 0); // V8 copies a joined string when a character of it is read.
    return joined;
  };

  /** The value, or the beginning of its text when that is long. */
  const cut = (value) => {
    const text = textOf(value);
    spent += min(text.length, LONGEST);
    return text.length > LONGEST ? beginning(text) : value;
  };

  const cutAll = (args) => {
    const cuts = [];
    for (let i = 0; i < args.length && i < MOST_ARGUMENTS; i++) cuts[i] = cut(args[i]);
    return cuts;
  };

  const reporting = {
    apply(target, self, args) {
      if (spent > ALL) return undefined;
      return apply(target, self, cutAll(args));
    },
  };
  const wrap = (target) => {
    for (const name of ownKeys(target)) {
      const found = getOwnPropertyDescriptor(target, name);
      if (typeof found.value !== 'function') continue;
      // `console.context()` makes a console with methods of its own.
      const handler = name === 'context' ? making : reporting;
      found.value = new Wrapper(found.value, handler);
      defineProperty(target, name, found);
    }
    return target;
  };
  const making = { apply: (target, self, args) => wrap(apply(target, self, args)) };
  wrap(console);

  const asking = { apply: (target, self, args) => apply(target, self, cutAll(args)) };
  for (const name of ['alert', 'confirm', 'prompt']) globalThis[name] = new Wrapper(globalThis[name], asking);

  /** Report the beginning of what was thrown, in place of all of it. */
  const thrown = (event, value, message, prefix) => {
    const text = textOf(value) || message;
    const isLong = text.length > LONGEST || message.length > LONGEST;
    spent += min(text.length, LONGEST);
    if (!isLong && spent <= ALL) return;
    prevent(event);
    if (spent <= ALL) reportError(prefix + (isLong ? beginning(text) : text));
  };
  addEventListener(
    'error',
    (event) => {
      if (isInstance(ErrorEvent, event)) thrown(event, errorOf(event), messageOf(event), 'Uncaught ');
    },
    true,
  );
  addEventListener(
    'unhandledrejection',
    (event) => {
      if (isInstance(PromiseRejectionEvent, event))
        thrown(event, reasonOf(event), '', 'Uncaught (in promise) ');
    },
    true,
  );
})();
