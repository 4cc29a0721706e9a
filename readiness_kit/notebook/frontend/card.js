// @ts-check
// Brings the question cards of one notebook to life. The cards are plain HTML in the page; this module finds those
// that carry its name, sends what a person enters to the kernel, and shows what the kernel answers. The kernel draws:
// nothing here composes the content of a card. A save counts when the kernel has answered it; the protocol is in hub.py.

const SILENCE = 6000; // ms without an answer before a save counts as lost; longer than the kernel waits for a lock
const TYPING = 1500; // ms after the last key before a text is saved without leaving its field
const CHANGED = 'readiness:changed'; // window event: an answer was stored, other notebooks look at the folder
const JUMP = 'readiness:jump'; // window event, cancelable: go to a question; an extension can take it over
const GONE = {
  stopped: 'The kernel of this notebook has stopped, so answers cannot be saved. Run the notebook again: Run ▸ Run All Cells.',
  silent: 'The kernel does not answer, so answers cannot be saved. What you entered stays on screen.'
};

const time = () => new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
const element = html => {
  const holder = document.createElement('template');
  holder.innerHTML = html;
  return holder.content.firstElementChild;
};

export default {
  initialize({ model }) {
    const hub = new Hub(model);
    return () => hub.close();
  }
};

class Hub {
  constructor(model) {
    this.model = model;
    this.name = model.get('name');
    this.cards = new Map();
    this.waiting = new Map(); // number of a message -> { card, message, timer }
    this.count = 0;
    this.live = true;
    this.onMessage = message => this.receive(message);
    this.onLoss = () => this.lose('stopped');
    this.onChange = event => event.detail !== this.name && this.sync();
    this.onFocus = () => this.sync();
    model.on('msg:custom', this.onMessage);
    model.on('comm_live_update', this.onLoss);
    window.addEventListener(CHANGED, this.onChange);
    window.addEventListener('focus', this.onFocus);
    this.observer = new MutationObserver(() => this.find());
    this.observer.observe(document.body, { childList: true, subtree: true });
    this.find();
  }

  close() {
    this.lose('stopped');
    this.observer.disconnect();
    window.removeEventListener(CHANGED, this.onChange);
    window.removeEventListener('focus', this.onFocus);
    this.model.off('msg:custom', this.onMessage);
    this.model.off('comm_live_update', this.onLoss);
  }

  find() {
    let found = false;
    for (const root of document.querySelectorAll(`[data-rk-hub="${this.name}"]:not([data-rk-found])`)) {
      root.dataset.rkFound = '';
      this.cards.set(root.dataset.rkCard, new Card(this, root));
      found = true;
    }
    if (found) {
      keepStyle();
      this.sync();
    }
  }

  // --- to the kernel ---

  send(message) {
    if (this.live) this.model.send(message);
  }

  /** Sends a message that the kernel answers; until then its card shows that it is being saved. */
  request(card, message) {
    message = { ...message, n: ++this.count, card: card.id };
    const entry = { card, message, timer: 0 };
    this.waiting.set(message.n, entry);
    card.status('saving', 'Saving…');
    this.expect(entry);
    this.model.send(message);
  }

  expect(entry) {
    entry.timer = setTimeout(() => {
      if (this.kernelStatus() === 'busy') {
        entry.card.status('saving', 'Saving… the kernel is busy');
        this.expect(entry);
      } else {
        this.lose('silent');
      }
    }, SILENCE);
  }

  kernelStatus() {
    const kernel = this.model.widget_manager?.kernel;
    return kernel && !kernel.isDisposed ? kernel.status : '';
  }

  /** Asks for the cards whose content differs from what is shown. */
  sync() {
    const shown = {};
    for (const card of this.cards.values()) shown[card.id] = card.root.dataset.rkMark;
    this.send({ op: 'sync', cards: shown });
  }

  retry() {
    this.live = true;
    const lost = [...this.waiting.values()];
    this.waiting.clear();
    for (const { card, message, timer } of lost) {
      clearTimeout(timer);
      this.request(card, message);
    }
    if (!lost.length) this.sync();
  }

  /** The kernel is gone: no card takes input, and those with unanswered saves say that they are not saved. */
  lose(why) {
    this.live = false;
    for (const { card, timer } of this.waiting.values()) {
      clearTimeout(timer);
      card.status('unsaved', 'Not saved');
    }
    for (const card of this.cards.values()) card.disable(why);
  }

  regain() {
    if (this.live) return;
    this.live = true;
    for (const card of this.cards.values()) card.enable();
  }

  // --- from the kernel ---

  receive(message) {
    const entry = this.waiting.get(message.n);
    if (entry) {
      clearTimeout(entry.timer);
      this.waiting.delete(message.n);
    }
    this.regain();
    if (message.op === 'trouble') {
      for (const card of this.cards.values()) card.trouble(message.html);
      return;
    }
    const card = this.cards.get(message.card);
    if (!card) return;
    if (message.op === 'saved') {
      card.show(message.html, [...this.waiting.values()].some(other => other.card === card));
      card.status('saved', `Saved ${time()}. ${message.replaced ?? ''}`);
      window.dispatchEvent(new CustomEvent(CHANGED, { detail: this.name }));
    } else if (message.op === 'refused') {
      card.refuse(message.why);
    } else if (message.op === 'card') {
      card.show(message.html, false);
      if (message.elsewhere) card.status('elsewhere', `Changed by ${message.elsewhere}, ${time()}`);
    } else if (message.op === 'part') {
      card.fill(message.part, message.html);
    } else if (message.op === 'go') {
      this.go(card, message);
    }
  }

  /** Leads to a card on this page, to its cell, or to its notebook. */
  go(card, { to, address, text }) {
    if (!to) {
      card.status('saved', text);
      return;
    }
    const jump = new CustomEvent(JUMP, { detail: { question: to, address }, cancelable: true });
    if (!window.dispatchEvent(jump)) return;
    const target = this.cards.get(to);
    if (target?.root.isConnected && target.root.getClientRects().length) {
      target.reveal();
      return;
    }
    const link = document.querySelector(`[data-rk-jump="${to}"]`);
    if (link) link.click();
    else window.location.assign(address);
  }
}

/** One question card. Controls that a person is using are never overwritten. */
class Card {
  constructor(hub, root) {
    this.hub = hub;
    this.root = root;
    this.id = root.dataset.rkCard;
    this.timers = new Map();
    const name = crypto.randomUUID?.() ?? `rk-${Math.random()}`; // radios of two pages must not form one group
    for (const radio of this.radios) radio.name = name;
    root.addEventListener('keydown', event => this.key(event));
    root.addEventListener('change', event => this.changed(event.target));
    root.addEventListener('input', event => this.typed(event.target));
    root.addEventListener('focusout', event => this.left(event.target));
    root.addEventListener('click', event => this.clicked(event));
    root.addEventListener('toggle', event => this.toggled(event.target), true);
    this.showChart();
    if (hub.live) this.enable();
  }

  /** Opens the chart of the question when the card comes into view; a reader who closes it is not contradicted. */
  showChart() {
    const fold = this.root.querySelector('details[data-load=chart]');
    if (!fold) return;
    const seen = new IntersectionObserver(entries => {
      if (!this.hub.live || !entries.some(entry => entry.isIntersecting)) return;
      seen.disconnect();
      fold.open = true;
    });
    seen.observe(fold);
  }

  get radios() { return [...this.root.querySelectorAll('input[type=radio]')]; }
  get chosen() { return this.root.querySelector('input[type=radio]:checked')?.value ?? ''; }
  field(name) { return this.root.querySelector(`[data-f=${name}]`); }

  // --- state on screen ---

  status(state, text) {
    const line = this.root.querySelector('.rk-save');
    const sign = { saved: 'check', elsewhere: 'clock', unsaved: 'plug' }[state];
    line.dataset.s = state;
    line.textContent = ` ${text.trim()}`;
    if (sign) line.prepend(Object.assign(document.createElement('i'), { className: `rk-i rk-i-${sign}` }));
  }

  enable() {
    this.root.classList.add('rk-live');
    for (const control of this.root.querySelectorAll('fieldset, [data-do=next]')) control.disabled = false;
  }

  disable(why) {
    this.root.classList.remove('rk-live');
    for (const control of this.root.querySelectorAll('fieldset, [data-do=next]')) control.disabled = true;
    const again = Object.assign(document.createElement('button'), { className: 'rk-btn', type: 'button', textContent: 'Try again' });
    again.dataset.do = 'retry';
    const line = this.root.querySelector('.rk-gone span');
    line.textContent = `${GONE[why]} `;
    if (why === 'silent') line.append(again);
  }

  /** A problem with the folder, which stops all saves until it is solved. */
  trouble(html) {
    if (html) {
      this.root.querySelector('.rk-gone span').innerHTML = html;
      this.root.classList.remove('rk-live');
    } else if (this.hub.live) {
      this.root.classList.add('rk-live');
    }
  }

  refuse(why) {
    const plain = element(`<p>${why}</p>`);
    this.status('unsaved', `Not saved: ${plain.textContent}`);
  }

  /** Shows the card as the kernel drew it; `busy` is true while later entries are still being saved. */
  show(html, busy) {
    const fresh = element(html);
    for (const part of this.root.querySelectorAll('[data-p]')) {
      const drawn = fresh.querySelector(`[data-p=${part.dataset.p}]`);
      if (drawn && part.tagName !== 'DETAILS') this.replace(part, drawn);
    }
    const short = this.root.querySelector('.rk-todo > summary');
    short.innerHTML = fresh.querySelector('.rk-todo > summary').innerHTML;
    Object.assign(this.root.dataset, { rkMark: fresh.dataset.rkMark, rkBase: fresh.dataset.rkBase });
    this.root.className = fresh.className + (this.root.classList.contains('rk-live') ? ' rk-live' : '');
    if (!busy) {
      this.copy(fresh);
      for (const radio of fresh.querySelectorAll('input[type=radio]')) {
        const own = this.radios.find(other => other.value === radio.value);
        if (own && !this.pendingReason) own.checked = radio.checked;
      }
    }
    for (const fold of this.root.querySelectorAll('details[data-load][open]')) this.load(fold);
    for (const fold of this.root.querySelectorAll('details[data-load]:not([open])')) delete fold.dataset.loaded;
  }

  /** Replaces a part, with its folds open as before and the focus where it was. */
  replace(part, drawn) {
    if (part.innerHTML === drawn.innerHTML) return;
    const open = [...part.querySelectorAll('details[open]')].map(fold => fold.dataset.load);
    const focused = part.contains(document.activeElement) ? document.activeElement.closest('details')?.dataset.load : '';
    part.innerHTML = drawn.innerHTML;
    for (const name of open) part.querySelector(`details[data-load=${name}]`)?.setAttribute('open', '');
    if (focused) part.querySelector(`details[data-load=${focused}] > summary`)?.focus({ preventScroll: true });
  }

  /** Takes the values of the fields, but not of one that is in use or not yet saved. */
  copy(fresh) {
    const saving = new Set(); // fields on their way: what arrives now was drawn before
    for (const { card, message } of this.hub.waiting.values()) {
      if (card === this) for (const name of Object.keys(message.fields ?? {})) saving.add(name);
    }
    for (const control of fresh.querySelectorAll('[data-f]')) {
      const own = this.field(control.dataset.f);
      if (!own || own === document.activeElement || 'typed' in own.dataset || saving.has(control.dataset.f)) continue;
      if (own.value !== control.value) own.value = control.value;
    }
  }

  reveal() {
    this.root.scrollIntoView({ block: 'start' });
    const control = this.root.querySelector('input[type=radio]:checked') ?? this.radios[0];
    control.focus({ preventScroll: true });
  }

  // --- folds ---

  toggled(fold) {
    if (fold.dataset?.load && fold.open && !('loaded' in fold.dataset)) this.load(fold);
  }

  load(fold) {
    fold.dataset.loaded = '';
    this.hub.send({ op: 'part', card: this.id, part: fold.dataset.load });
  }

  fill(name, html) {
    const body = this.root.querySelector(`details[data-load=${name}] > [data-body]`);
    if (!body) return;
    if (name === 'form' && body.firstElementChild) {
      const fresh = element(html);
      this.copy(fresh);
      this.replace(body.querySelector('[data-p=proof]'), fresh.querySelector('[data-p=proof]'));
    } else {
      body.innerHTML = html;
    }
  }

  // --- what a person does ---

  save(fields) {
    this.hub.request(this, { op: 'save', fields, base: this.root.dataset.rkBase });
  }

  choose(value) {
    const radio = this.radios.find(other => other.value === value);
    if (!radio || radio.matches(':disabled')) return;
    radio.checked = true;
    radio.focus({ preventScroll: true });
    this.chose(value);
  }

  chose(value) {
    this.pendingReason = false;
    const reason = this.field('reason');
    if (value === 'not_applicable' && !reason.value.trim()) {
      this.pendingReason = true;
      this.status('unsaved', 'Not saved yet: enter the reason');
      reason.focus({ preventScroll: true });
      return;
    }
    this.save(value === 'not_applicable' ? { value, reason: reason.value } : { value });
  }

  changed(control) {
    if (control.type === 'radio') this.chose(control.value);
    else if (control.dataset.f && control.type !== 'date') this.store(control);
  }

  typed(control) {
    if (!control.dataset.f) return;
    control.dataset.typed = '';
    clearTimeout(this.timers.get(control));
    if (control.type === 'date') return; // a date is complete when its field is left
    this.timers.set(control, setTimeout(() => this.store(control), TYPING));
  }

  left(control) {
    if (control.dataset?.f) this.store(control);
  }

  store(control) {
    clearTimeout(this.timers.get(control));
    if (!('typed' in control.dataset) || !this.hub.live) return;
    if (control.type === 'date' && control.validity.badInput) {
      this.status('unsaved', 'Not saved: the date is not complete');
      return;
    }
    const name = control.dataset.f;
    if (name === 'reason') {
      if (this.chosen !== 'not_applicable' || !control.value.trim()) return;
      this.pendingReason = false;
    }
    delete control.dataset.typed;
    this.save(name === 'reason' ? { value: 'not_applicable', reason: control.value } : { [name]: control.value });
  }

  clicked(event) {
    const button = event.target.closest('[data-do]');
    if (!button || button.disabled) return;
    const parked = this.root.querySelector('.rk-parked') !== null;
    const actions = {
      park: () => this.hub.request(this, { op: 'park', on: !parked }),
      clear: () => { this.pendingReason = false; this.save({ value: '' }); },
      confirm: () => this.hub.request(this, { op: 'confirm' }),
      next: () => this.hub.send({ op: 'next', card: this.id }),
      retry: () => this.hub.retry(),
      copy: () => this.copyCode(button)
    };
    actions[button.dataset.do]?.();
  }

  async copyCode(button) {
    const code = button.parentElement.nextElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
      this.status('saved', 'Copied');
    } catch { // no permission, or a page that is not served securely: selected, ready for Ctrl+C
      const range = document.createRange();
      range.selectNodeContents(code);
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      this.status('saved', 'Selected: copy it with Ctrl+C');
    }
  }

  /** No key reaches the shortcuts of JupyterLab, except with Ctrl, Alt or Cmd, Escape, and function keys. */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || /^(Escape|F\d+)$/.test(event.key)) return;
    event.stopPropagation();
    const target = event.target;
    if (target.matches('textarea, input:not([type=radio])')) return;
    // By character, else by position: digits need Shift on some keyboards.
    const digit = /^[1-5]$/.test(event.key) ? event.key : /^(?:Digit|Numpad)([1-5])$/.exec(event.code)?.[1];
    const act = { p: 'park', n: 'next' }[event.key.toLowerCase()];
    if (digit) this.choose(this.radios[digit - 1].value);
    else if (act) this.root.querySelector(`[data-do=${act}]`)?.click();
    else return;
    event.preventDefault();
  }
}

/** Keeps the style sheet of the cards when the output that brought it is removed. */
function keepStyle() {
  const brought = document.querySelector('body style[data-rk-style]');
  if (!brought) return;
  const kept = document.head.querySelector('style[data-rk-style]') ?? document.head.appendChild(brought.cloneNode());
  if (kept.textContent !== brought.textContent) kept.textContent = brought.textContent;
}
