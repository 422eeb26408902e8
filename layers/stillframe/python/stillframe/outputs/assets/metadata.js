// Collects facts about the page. Every value has a limit, because a page may give any of them any length.
(_, dom) => {
  const cut = (text, longest = 4096) => (text == null ? null : String(text).slice(0, longest));
  const trees = dom.treesOf(document, { frames: true });
  const everywhere = (selector) => trees.flatMap((tree) => dom.all(tree, selector));
  const own = (selector) => dom.all(document, selector);
  const meta = (name) => cut(own(`meta[name="${name}" i],meta[property="${name}" i]`)[0]?.content);
  const group = (prefix) =>
    Object.fromEntries(
      own('meta')
        .map((tag) => [tag.getAttribute('property') || tag.name || '', tag.content])
        .filter(([name]) => name.startsWith(`${prefix}:`))
        .slice(0, 100)
        .map(([name, value]) => [cut(name.slice(prefix.length + 1), 200), cut(value)]),
    );
  const isShown = (el) => dom.isVisible(el);
  const heading = (tag) => ({
    level: Number(tag.tagName[1]),
    text: dom.textOf(tag, 1000).trim().slice(0, 500),
  });
  const family = (font) => cut(font.family.replace(/^["']|["']$/g, ''), 200);
  const links = everywhere('a[href],area[href]')
    .slice(0, 10000)
    .map((link) => cut(String(link.href?.baseVal ?? link.href)));
  const fonts = Array.from(dom.fontsOf(document))
    .filter((font) => font.status === 'loaded')
    .map(family);
  const root = dom.scrollerOf(document);
  return {
    title: cut(dom.titleOf(document)),
    description: meta('description'),
    canonical: cut(own('link[rel~=canonical i]')[0]?.href),
    language: cut(dom.attribute(dom.rootOf(document), 'lang'), 100) || null,
    icon: cut(own('link[rel~=icon i]')[0]?.href),
    open_graph: group('og'),
    twitter: group('twitter'),
    headings: everywhere('h1,h2,h3').filter(isShown).slice(0, 200).map(heading),
    links: Array.from(new Set(links)).slice(0, 1000),
    fonts: Array.from(new Set(fonts)).slice(0, 100),
    page_size: { width: root.scrollWidth, height: root.scrollHeight },
    text: dom.documentText(document, 100000),
  };
};
