// Extras for every page. Nothing a visitor must do depends on this file.
// It is fetched early and holds the first paint for a moment, so a chosen colour scheme never flashes.
const root = document.documentElement;
const store = {
  get: () => { try { return localStorage.getItem('theme') ?? ''; } catch { return ''; } },
  set: (value) => { try { value ? localStorage.setItem('theme', value) : localStorage.removeItem('theme'); } catch { /* private mode */ } },
};
const paint = (theme) => { theme ? root.dataset.theme = theme : delete root.dataset.theme; };
paint(store.get());

const all = (selector, within = document) => within.querySelectorAll(selector);

function themeSwitch() {
  for (const group of all('[data-theme-switch]')) {
    const buttons = all('button', group);
    const show = () => buttons.forEach((b) => b.setAttribute('aria-pressed', String(b.value === store.get())));
    group.hidden = false;
    group.addEventListener('click', ({ target }) => {
      const button = target.closest('button');
      if (!button) return;
      store.set(button.value);
      paint(button.value);
      show();
    });
    show();
  }
}

// One submit a form, however often the button is tapped. The words come back if the page does.
function submitOnce() {
  const release = (form) => {
    delete form.dataset.sent;
    for (const b of all('[data-words]', form)) {
      b.textContent = b.dataset.words;
      delete b.dataset.words;
      b.removeAttribute('aria-disabled');
    }
  };
  addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'post') return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    const button = event.submitter;
    if (button?.dataset.busy) {
      button.dataset.words = button.textContent;
      button.setAttribute('aria-disabled', 'true');
      button.textContent = button.dataset.busy;
    }
    setTimeout(release, 8000, form);
  });
  addEventListener('pageshow', (event) => { if (event.persisted) all('form[data-sent]').forEach(release); });
}

// A film is fetched from elsewhere only after a press; without JavaScript the link leads there.
function films() {
  addEventListener('click', (event) => {
    const link = event.target.closest('[data-film]');
    if (!link) return;
    event.preventDefault();
    const frame = document.createElement('iframe');
    Object.assign(frame, { sandbox: 'allow-scripts allow-same-origin allow-presentation', src: link.dataset.film, title: link.dataset.title, allow: 'autoplay; encrypted-media; fullscreen; picture-in-picture', referrerPolicy: 'strict-origin-when-cross-origin' });
    link.closest('.film__screen').replaceChildren(frame);
    frame.focus();
  });
}

function chosenDayInView() {
  const day = document.querySelector('.days [aria-current]');
  if (day) day.closest('.days').scrollLeft = day.offsetLeft - 84;
}

// "16:30 your time" under a clinic time, only when the visitor's clock differs.
function yourTime() {
  const clock = (at, timeZone) => new Intl.DateTimeFormat(root.lang, { weekday: 'short', hour: '2-digit', minute: '2-digit', timeZone }).format(at);
  for (const time of all('time[data-zone]')) {
    const at = new Date(time.dateTime);
    const mine = clock(at);
    const theirs = clock(at, time.dataset.zone);
    if (mine === theirs) continue;
    const line = document.createElement('span');
    line.className = 'local-time';
    line.textContent = `${mine.slice(0, 3) === theirs.slice(0, 3) ? mine.slice(-5) : mine} ${document.body.dataset.yourTime}`;
    (time.closest('dd, p') ?? time.parentNode).append(line);
  }
}

function copyAndPrint() {
  for (const button of all('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => print());
  }
  if (!navigator.clipboard) return;
  for (const button of all('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      button.textContent = 'Copied';
    });
  }
}

function closeMenu() {
  addEventListener('keydown', ({ key }) => {
    const menu = key === 'Escape' && document.querySelector('.menu[open]');
    if (!menu) return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });
}

// A slash goes to the search of the page, as in most desks people know.
function slashFinds() {
  const box = document.querySelector('[data-find]');
  addEventListener('keydown', (event) => {
    if (!box || event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest('input, textarea, select, [contenteditable]')) return;
    event.preventDefault();
    box.focus();
  });
}

// In a strip of days or a grid of times the arrow keys go to the next one, Home and End to the ends.
function arrowKeys() {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const kind = ['.days a', '.slots :is(a, button)'].find((one) => event.target.closest(one));
    if (!kind) return;
    const here = event.target.closest(kind);
    const around = here.closest('.part')?.parentElement ?? here.closest('.days, .slots');
    const choices = [...all(kind, around)];
    const to = { Home: 0, End: choices.length - 1 }[event.key] ?? choices.indexOf(here) + step[event.key];
    if (!choices[to]) return;
    event.preventDefault();
    choices[to].focus();
  });
}

// Somebody who comes back to an open page after a minute sees the prices and free times of now.
function liveAgain() {
  const A_MINUTE = 60_000;
  let read = Date.now();
  const byAddress = (page) => new Map([...all('[data-live]', page)].map((one) => [one.dataset.live, one]));
  document.addEventListener('visibilitychange', async () => {
    if (document.hidden || Date.now() - read < A_MINUTE || !byAddress(document).size) return;
    read = Date.now();
    const answer = await fetch(location.href).catch(() => null); // offline: what is there stays
    if (!answer?.ok) return;
    const now = byAddress(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    for (const [address, old] of byAddress(document)) {
      if (old.contains(document.activeElement)) continue;
      now.has(address) ? old.replaceWith(now.get(address)) : old.remove();
    }
  });
}

function start() {
  document.querySelector('[data-errors]')?.focus();
  themeSwitch();
  submitOnce();
  chosenDayInView();
  yourTime();
  copyAndPrint();
  closeMenu();
  arrowKeys();
  slashFinds();
  liveAgain();
  films();
}
document.readyState === 'loading' ? addEventListener('DOMContentLoaded', start) : start();
