// The height of the page's content in CSS pixels.
() =>
  Math.max(
    document.documentElement.scrollHeight,
    document.body ? document.body.scrollHeight : 0,
    document.documentElement.getBoundingClientRect().height,
  );
