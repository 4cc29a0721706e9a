// @ts-check
// JupyterLab's shortcuts without a modifier key (b, x, d d, m, arrow keys, Enter) also apply while a control in an
// output has the focus: an arrow key would select the next cell instead of an answer. This sets the attribute by which
// JupyterLab ignores a key. Keys with Ctrl, Alt or Cmd, Escape and function keys are still handled by JupyterLab.

const CONTROLS = 'select, input, textarea, button, a[href], summary';
const MARK = 'data-lm-suppress-shortcuts';

function onKey(event) {
  const control = event.target instanceof Element ? event.target.closest(CONTROLS) : null;
  if (!control || !control.closest('.jp-OutputArea')) return;
  if (event.ctrlKey || event.altKey || event.metaKey || /^(Escape|F\d+)$/.test(event.key)) control.removeAttribute(MARK);
  else control.setAttribute(MARK, 'true');
}

/** On the window, in the capture phase: before JupyterLab, which listens on the document. */
export function keepKeys() {
  window.addEventListener('keydown', onKey, true);
}
