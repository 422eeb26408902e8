// The box of an element in the viewport, in CSS pixels.
(element) => {
  const box = element.getBoundingClientRect();
  return [box.x, box.y, box.width, box.height];
};
