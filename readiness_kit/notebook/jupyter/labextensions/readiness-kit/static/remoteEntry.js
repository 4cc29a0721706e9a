// JupyterLab's shortcuts without a modifier key (b, x, d d, m, arrow keys, Enter) also apply while a control in an
// output has the focus: an arrow key would select the next cell instead of an answer. This extension sets the
// attribute by which JupyterLab ignores a key. Keys with Ctrl, Alt or Cmd, and Escape, are still handled by JupyterLab.
// It is a federated extension written by hand, so that no build step is needed.
(() => {
  const CONTROLS = 'select, input, textarea, button, a[href], summary';
  const MARK = 'data-lm-suppress-shortcuts';

  function onKey(event) {
    const control = event.target instanceof Element ? event.target.closest(CONTROLS) : null;
    if (!control || !control.closest('.jp-OutputArea')) {
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.key === 'Escape') {
      control.removeAttribute(MARK);
    } else {
      control.setAttribute(MARK, 'true');
    }
  }

  const plugin = {
    id: 'readiness-kit:keys',
    description: 'Controls in outputs receive the keys pressed in them.',
    autoStart: true,
    // On the window, in the capture phase: before JupyterLab, which listens on the document.
    activate: () => window.addEventListener('keydown', onKey, true)
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB['readiness-kit'] = {
    init: () => undefined,
    get: () => Promise.resolve(() => ({ __esModule: true, default: plugin }))
  };
})();
