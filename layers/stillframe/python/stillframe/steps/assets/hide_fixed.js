// Hides what is pinned to the window.
() => {
  let hidden = 0;
  for (const el of document.querySelectorAll('body *'))
    if (['fixed', 'sticky'].includes(getComputedStyle(el).position)) { el.style.setProperty('visibility', 'hidden', 'important'); hidden++; }
  return hidden;
}
