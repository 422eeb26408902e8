fetch('whole.css').then((r) => r.ok && postMessage(1));
