'use strict';
(() => {
  const body = document.body, waits = body.dataset.waits === 'yes', events = body.dataset.events;
  let shown = Date.now(), soon = 0, busy = false, again = false;

  const say = ms => ms < 1000 ? `${Math.floor(ms)} ms` : ms < 60000 ? `${Math.floor(ms / 1000)} s`
    : ms < 3600000 ? `${Math.floor(ms / 60000)} min ${Math.floor(ms / 1000) % 60} s`
    : `${Math.floor(ms / 3600000)} h ${Math.floor(ms / 60000) % 60} min`;

  const local = root => {
    for (const time of root.querySelectorAll('time')) {
      const at = new Date(time.dateTime);
      time.title = at.toString();
      time.textContent = at.toDateString() === new Date().toDateString() ? at.toLocaleTimeString() : at.toLocaleString();
    }
  };

  const tick = () => {
    for (const span of document.querySelectorAll('[data-ms]')) {
      const text = say(Number(span.dataset.ms) + Date.now() - shown);
      if (span.textContent !== text) span.textContent = text;
    }
  };

  const show = page => {
    const open = [...document.querySelectorAll('details')].map(one => one.open);
    const focused = [...document.querySelectorAll('button, summary')].indexOf(document.activeElement);
    local(page);
    shown = Date.now();
    document.title = page.title;
    const sentence = document.getElementById('sentence');
    for (const part of page.querySelectorAll('#page > *')) {
      const old = document.getElementById(part.id);
      // A screen reader reads the sentence again only if it is another one.
      if (part.id === 'sentence') {
        if (sentence.textContent !== part.textContent) sentence.innerHTML = part.innerHTML;
        sentence.className = part.className;
      } else if (old.innerHTML !== part.innerHTML) {
        old.innerHTML = part.innerHTML;
      }
    }
    [...document.querySelectorAll('details')].forEach((one, i) => { one.open = open[i] || false; });
    if (focused >= 0) [...document.querySelectorAll('button, summary')][focused]?.focus({ preventScroll: true });
    tick();
  };

  const update = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
      if (waits && answer.status !== 503) { location.reload(); return; }
      show(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    } catch {
      // The server is away: the next try may find it.
    } finally {
      busy = false;
    }
    if (again) { again = false; later(); }
  };

  const later = () => { clearTimeout(soon); soon = setTimeout(update, 200); };

  let polling = 0;
  const poll = () => { polling = polling || setInterval(update, 2000); };

  if (events) {
    const source = new EventSource(events);
    source.onmessage = later;
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) poll(); later(); };
  } else {
    poll();
  }

  document.addEventListener('click', async event => {
    const button = event.target.closest('[data-copy]');
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(button.querySelector('code') || button);
    }
  });

  local(document);
  setInterval(tick, 1000);
})();
