// The first element that matches a CSS selector and can be seen, else null; with `hidden` else the first match.
({ selector, hidden }, dom) => dom.firstSeen(selector, { hidden });
