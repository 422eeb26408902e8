// Keeps the lengths that depend on the height of the viewport, which printing replaces by that of the paper.
() => {
  const LENGTHS = [
    'height min-height max-height width min-width max-width top bottom left right',
    'margin-top margin-bottom margin-left margin-right padding-top padding-bottom padding-left padding-right',
    'row-gap column-gap flex-basis font-size line-height grid-template-rows grid-auto-rows transform translate',
  ]
    .join(' ')
    .split(' ');
  const root = document.documentElement;
  const lengths = (element) => {
    const style = element.computedStyleMap();
    return LENGTHS.map((name) => String(style.get(name)));
  };
  const elements = [...document.querySelectorAll('*')].filter((element) => element.computedStyleMap);
  const before = elements.map(lengths);
  const ofRoot = getComputedStyle(root).height;
  return {
    // Called in a viewport of another height.
    apply() {
      const pins = [];
      elements.forEach((element, index) => {
        lengths(element).forEach((value, at) => {
          if (value !== before[index][at]) pins.push([element, LENGTHS[at], before[index][at]]);
        });
      });
      for (const name of ['height', 'min-height']) {
        if (String(root.computedStyleMap().get(name)).endsWith('%')) pins.push([root, name, ofRoot]);
      }
      for (const [element, name, value] of pins) element.style.setProperty(name, value, 'important');
      return pins.length;
    },
  };
};
