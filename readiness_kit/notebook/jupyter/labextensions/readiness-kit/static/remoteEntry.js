// A federated extension of JupyterLab written by hand, so that no build step is needed: `init` receives the modules
// that JupyterLab shares, `get` returns the plugin. The plugin itself is in plugin.js.
(() => {
  const base = document.currentScript.src;
  const MAJORS = {
    '@jupyterlab/application': '4',
    '@jupyterlab/apputils': '4',
    '@jupyterlab/launcher': '4',
    '@jupyterlab/notebook': '4',
    '@jupyterlab/ui-components': '4',
    '@lumino/widgets': '2'
  };
  let shared = {};

  /** A module that JupyterLab shares, or undefined where it has another major version or none. */
  async function load(name) {
    const found = Object.entries(shared[name] ?? {}).find(([version]) => version.split('.')[0] === MAJORS[name]);
    return found ? (await found[1].get())() : undefined;
  }

  async function extension() {
    const names = Object.keys(MAJORS);
    const modules = await Promise.all(names.map(load));
    const missing = names.filter((_, index) => !modules[index]);
    if (missing.length) {
      console.warn(`readiness-kit: the panel is not shown, because this application has no suitable ${missing.join(', ')}`);
      return () => ({ __esModule: true, default: [] });
    }
    const { plugin } = await import(new URL('plugin.js', base).href);
    return () => ({ __esModule: true, default: plugin(Object.fromEntries(names.map((name, index) => [name, modules[index]]))) });
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB['readiness-kit'] = {
    init: scope => { shared = scope; },
    get: extension
  };
})();
