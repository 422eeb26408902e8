// The page's visible text; documents without a body, such as SVG and XML, have only a text content.
() => (document.body ? document.body.innerText : document.documentElement.textContent);
