// Shows the fixed and sticky elements that an earlier call has hidden; then hides all if `hide` is true.
(hide) => {
  const key = Symbol.for('stillframe.fixed');
  for (const [el, value, priority] of globalThis[key] ?? [])
    el.style.setProperty('visibility', value, priority);
  const hidden = [];
  globalThis[key] = hidden;
  if (hide)
    for (const el of document.querySelectorAll('body *'))
      if (['fixed', 'sticky'].includes(getComputedStyle(el).position)) {
        hidden.push([
          el,
          el.style.getPropertyValue('visibility'),
          el.style.getPropertyPriority('visibility'),
        ]);
        el.style.setProperty('visibility', 'hidden', 'important');
      }
  return hidden.length;
};
