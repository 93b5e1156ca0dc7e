/**
 * For `node --require`: moves this process's Date by the milliseconds in the file that BELAY_CHAOS_CLOCK names, and follows it.
 * Timers, monotonic clocks and everything outside JavaScript go on as before. For chaos only.
 */
'use strict';
const { readFileSync } = require('node:fs');

const file = process.env['BELAY_CHAOS_CLOCK'] ?? '';
const lookEveryMs = 200;
const trueNow = Date.now;
let offsetMs = 0;

function look() {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    offsetMs = 0; // not moved yet
  }
}

if (file !== '') {
  look();
  setInterval(look, lookEveryMs).unref();
  Date.now = () => trueNow() + offsetMs;
  globalThis.Date = new Proxy(Date, {
    construct(target, given, newTarget) {
      return Reflect.construct(target, given.length === 0 ? [target.now()] : given, newTarget);
    },
  });
}
