// Extras of the day board; everything here has a form that does the same. It opens where the day
// is, a tap in a free stretch means that quarter of an hour, and a session can be dragged.
const QUARTER = 15 * 60_000;
const CLOSE = 6; // pixels a mouse may tremble before it drags
const HOLD = 450; // milliseconds a finger rests before it drags instead of scrolling
const ASK_AFTER = 90; // milliseconds over one cell before the server is asked
const board = () => document.querySelector('.board');
const rowHeight = (quarters) => parseFloat(getComputedStyle(quarters).gridAutoRows);

const now = board()?.querySelector('.quarters--time > .now');
if (now) board().scrollTop = now.offsetTop - board().clientHeight / 3;

function at(quarters, clientY) {
  const row = Math.max(0, Math.floor((clientY - quarters.getBoundingClientRect().top) / rowHeight(quarters)));
  return { row, moment: new Date(Date.parse(board().dataset.starts) + row * QUARTER) };
}
const stamp = (moment) => `${moment.toISOString().slice(0, 16)}Z`;
// The hours down the side say what the clinic's clock shows; quarters are counted from there.
function clock(row) {
  const hour = board().querySelectorAll('.quarters--time > time')[Math.floor(row / 4)];
  if (!hour) return '';
  const [hours, minutes] = hour.textContent.split(':').map(Number);
  const shown = hours * 60 + minutes + (row % 4) * 15;
  return [Math.floor(shown / 60) % 24, shown % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

// --- a tap in free time ------------------------------------------------------------------------
document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.detail === 0) return;
  const quarters = event.target.closest?.('.board .quarters');
  if (!quarters || !board().dataset.starts) return;
  const gap = event.target.closest('a.gap');
  const { moment } = at(quarters, event.clientY);
  if (gap) {
    // Never before what the link itself says: in a gap that runs now, that is now.
    const url = new URL(gap.href);
    if (moment > new Date(url.searchParams.get('at'))) url.searchParams.set('at', stamp(moment));
    event.preventDefault();
    location.assign(url);
  } else if (quarters.dataset.therapist && !event.target.closest('.appt') && board().dataset.why) {
    const url = new URL(board().dataset.why, location.href);
    url.searchParams.set('at', stamp(moment));
    url.searchParams.set('therapist', quarters.dataset.therapist);
    url.searchParams.delete('day');
    location.assign(url);
  }
});

// --- dragging a session ------------------------------------------------------------------------
let drag = null;

function pick(event) {
  const entry = event.target.closest?.('.appt[data-move]');
  if (!entry || event.button || drag) return;
  drag = { entry, id: event.pointerId, x: event.clientX, y: event.clientY, grip: event.clientY - entry.getBoundingClientRect().top, known: new Map() };
  if (event.pointerType !== 'mouse') drag.timer = setTimeout(begin, HOLD);
}

function begin() {
  const { entry, id } = drag;
  drag.ghost = entry.cloneNode(true);
  drag.ghost.removeAttribute('id');
  drag.ghost.classList.add('appt--ghost');
  drag.ghost.querySelectorAll('p').forEach((line) => line.remove());
  drag.said = document.createElement('p');
  drag.said.setAttribute('role', 'status');
  drag.ghost.append(drag.said);
  entry.classList.add('appt--lifted');
  entry.setPointerCapture(id);
  over(drag.x, drag.y);
}

function under(x, y) {
  const found = document.elementsFromPoint(x, y).find((one) => one.matches('.board .quarters[data-therapist]'));
  return found ?? null;
}

// The ghost stands in the grid of the column under the pointer: it snaps to its rows by itself.
function over(x, y) {
  const quarters = under(x, y);
  drag.target = null;
  if (!quarters) { drag.ghost.remove(); return; }
  const { row, moment } = at(quarters, y - drag.grip + rowHeight(quarters) / 2);
  drag.ghost.className = drag.ghost.className.replace(/\brow-\d+/, `row-${row + 1}`);
  if (drag.ghost.parentElement !== quarters) quarters.append(drag.ghost);
  drag.target = { to: stamp(moment), with: quarters.dataset.therapist };
  drag.words = `${clock(row)} with ${quarters.dataset.name}`;
  drag.ghost.querySelector('h4 > :first-child').textContent = drag.words;
  const key = `${drag.target.to} ${drag.target.with}`;
  if (key === drag.key) return;
  drag.key = key;
  tell(drag.known.get(key));
  clearTimeout(drag.asking);
  if (!drag.known.has(key)) drag.asking = setTimeout(ask, ASK_AFTER, drag, key, { ...drag.target });
}

async function ask(mine, key, target) {
  const url = new URL(`${mine.entry.dataset.move}verdict/`, location.href);
  url.search = new URLSearchParams(target);
  try {
    const answer = await fetch(url, { headers: { accept: 'application/json' } });
    if (answer.ok && answer.headers.get('content-type').includes('json')) mine.known.set(key, await answer.json());
  } catch { /* offline: the form will say */ }
  if (drag === mine && mine.key === key) tell(mine.known.get(key));
}

function tell(verdict) {
  drag.said.textContent = verdict?.words ?? 'Looking…';
  drag.ghost.dataset.verdict = !verdict ? '' : verdict.free ? 'free' : verdict.possible ? 'rule' : 'taken';
}

function end() {
  if (!drag) return;
  clearTimeout(drag.timer);
  clearTimeout(drag.asking);
  drag.ghost?.remove();
  drag.entry.classList.remove('appt--lifted');
  drag = null;
}

// The click that follows a drag must not open the session; the next press ends the watch.
function swallowClick() {
  const stop = (event) => { event.preventDefault(); event.stopPropagation(); };
  addEventListener('click', stop, { capture: true, once: true });
  addEventListener('pointerdown', () => removeEventListener('click', stop, { capture: true }), { capture: true, once: true });
}

function drop() {
  const { entry, target, ghost } = drag;
  end();
  if (!ghost) return;
  swallowClick();
  if (target) location.assign(`${entry.dataset.move}?${new URLSearchParams(target)}`);
}

function cancel() {
  if (drag?.ghost) swallowClick();
  end();
}

document.addEventListener('pointerdown', pick);
document.addEventListener('pointermove', (event) => {
  if (!drag || event.pointerId !== drag.id) return;
  const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > CLOSE;
  if (!drag.ghost && far) event.pointerType === 'mouse' ? begin() : end();
  if (drag?.ghost) { event.preventDefault(); over(event.clientX, event.clientY); }
});
document.addEventListener('pointerup', (event) => { if (drag?.id === event.pointerId) drop(); });
document.addEventListener('pointercancel', cancel);
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') cancel(); });
document.addEventListener('dragstart', (event) => { if (event.target.closest?.('.appt[data-move]')) event.preventDefault(); });
// While a finger drags, the page stays where it is.
document.addEventListener('touchmove', (event) => { if (drag?.ghost) event.preventDefault(); }, { passive: false });
document.addEventListener('contextmenu', (event) => { if (drag?.ghost) event.preventDefault(); });
// The refresh waits until the hand is empty.
document.addEventListener('htmx:before:request', (event) => { if (drag?.ghost) event.preventDefault(); });
