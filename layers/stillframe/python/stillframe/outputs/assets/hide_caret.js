// Hides the text caret where something has the focus: a blinking caret is in one capture and not in the next.
(() => {
  if (!document.activeElement || document.activeElement === document.body) return;
  const style = document.createElement('style');
  style.textContent = '*{caret-color:transparent!important}';
  (document.head || document.documentElement).append(style);
})();
