// Expands the tallest inner scroll area, and the elements around it, to the height of its content.
() => {
  const page = document.scrollingElement || document.documentElement;
  let tallest = null;
  for (const el of document.querySelectorAll('body *')) {
    if (!['auto', 'scroll', 'overlay'].includes(getComputedStyle(el).overflowY)) continue;
    if (
      el.scrollHeight > el.clientHeight + 1 &&
      el.clientHeight > innerHeight * 0.3 &&
      (!tallest || el.scrollHeight > tallest.scrollHeight)
    )
      tallest = el;
  }
  if (!tallest || tallest.scrollHeight <= page.scrollHeight) return null;
  for (let el = tallest; el; el = el.parentElement) {
    el.style.setProperty('overflow', 'visible', 'important');
    el.style.setProperty('height', 'auto', 'important');
    el.style.setProperty('max-height', 'none', 'important');
    if (['fixed', 'absolute'].includes(getComputedStyle(el).position))
      el.style.setProperty('position', 'relative', 'important');
  }
  return tallest.scrollHeight;
};
