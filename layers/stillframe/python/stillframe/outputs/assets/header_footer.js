// Fills date and images into templates; without `images` it lists the addresses of the images instead.
({ templates, base, images }) => {
  const [found, links] = [new Set(), /url\(\s*(["']?)([^"')]+)\1\s*\)/g];
  const now = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' }).format(
    new Date(),
  );
  const image = (address) => {
    let url;
    try {
      url = new URL(address, base).href;
    } catch {
      return address;
    }
    if (!/^https?:/.test(url)) return address;
    found.add(url);
    return images?.[url] ?? url;
  };
  // Chromium draws an image of a style on the first page only if an element has decoded it before.
  const decoding = [];
  const style = (text) =>
    text.replace(links, (_, quote, address) => {
      const source = image(address);
      const element = document.createElement('img');
      element.src = source;
      element.style = 'position: absolute; width: 1px; height: 1px; opacity: 0.01';
      if (/^data:image/.test(source)) decoding.push(element.outerHTML);
      return `url(${quote}${source}${quote})`;
    });
  const filled = templates.map((template) => {
    const { body } = new DOMParser().parseFromString(`<body>${template}`, 'text/html');
    for (const element of body.querySelectorAll('.date')) {
      element.textContent = now;
      element.classList.remove('date');
    }
    for (const element of body.querySelectorAll('img[src]')) {
      element.src = image(element.getAttribute('src'));
      element.removeAttribute('srcset');
      element.removeAttribute('loading');
    }
    for (const element of body.querySelectorAll('[style]'))
      element.setAttribute('style', style(element.getAttribute('style')));
    for (const element of body.querySelectorAll('style')) element.textContent = style(element.textContent);
    for (const element of body.querySelectorAll('script')) element.remove();
    return decoding.splice(0).join('') + body.innerHTML;
  });
  return { filled, addresses: [...found] };
};
