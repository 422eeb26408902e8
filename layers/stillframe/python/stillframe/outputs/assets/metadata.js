// Collects facts about the page. Every value has a limit, because a page may give any of them any length.
() => {
  const cut = (text, longest = 4096) => (text == null ? null : String(text).slice(0, longest));
  const meta = (name) =>
    cut(document.querySelector(`meta[name="${name}" i],meta[property="${name}" i]`)?.content);
  const group = (prefix) =>
    Object.fromEntries(
      [...document.querySelectorAll('meta')]
        .map((tag) => [tag.getAttribute('property') || tag.name || '', tag.content])
        .filter(([name]) => name.startsWith(`${prefix}:`))
        .slice(0, 100)
        .map(([name, value]) => [cut(name.slice(prefix.length + 1), 200), cut(value)]),
    );
  const heading = (tag) => ({ level: Number(tag.tagName[1]), text: tag.innerText.trim().slice(0, 500) });
  const family = (font) => cut(font.family.replace(/^["']|["']$/g, ''), 200);
  const links = [...document.links].slice(0, 10000).map((link) => cut(link.href));
  const fonts = [...document.fonts].filter((font) => font.status === 'loaded').map(family);
  const root = document.scrollingElement || document.documentElement;
  return {
    title: cut(document.title),
    description: meta('description'),
    canonical: cut(document.querySelector('link[rel=canonical]')?.href),
    language: cut(document.documentElement.lang, 100) || null,
    icon: cut(document.querySelector('link[rel~=icon]')?.href),
    open_graph: group('og'),
    twitter: group('twitter'),
    headings: [...document.querySelectorAll('h1,h2,h3')].slice(0, 200).map(heading),
    links: [...new Set(links)].slice(0, 1000),
    fonts: [...new Set(fonts)].slice(0, 100),
    page_size: { width: root.scrollWidth, height: root.scrollHeight },
    text: (document.body?.innerText ?? '').slice(0, 100000),
  };
};
