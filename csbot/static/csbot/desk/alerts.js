// Being noticed: a soft sound made here, and a number before the page's title.

import { byId, memory, say } from "./dom.js";

const title = document.title;
let context = null;
let on = memory.get("sound", true, localStorage);

function show() {
  const button = byId("sound");
  button.setAttribute("aria-pressed", String(on));
  button.title = say(on ? "sound_on" : "sound_off");
  byId("sound-text").textContent = button.title;
}

// Browsers let a page sound only after somebody has touched it.
function awake() {
  context ??= new (window.AudioContext ?? window.webkitAudioContext)();
  if (context.state === "suspended") context.resume().catch(() => {});
}

export function start() {
  show();
  for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, awake, { once: true });
  byId("sound").addEventListener("click", () => {
    on = !on;
    memory.set("sound", on, localStorage);
    show();
    if (on) ring("message");
  });
}

/** A short chime: two rising tones when somebody waits, one for a message. */
export function ring(what) {
  if (!on || !context || context.state !== "running") return;
  const tones = what === "waiting" ? [659.25, 880] : [783.99];
  tones.forEach((frequency, index) => {
    const begins = context.currentTime + index * 0.16;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.type = "sine";
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, begins);
    volume.gain.exponentialRampToValueAtTime(0.12, begins + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, begins + 0.45);
    tone.connect(volume).connect(context.destination);
    tone.start(begins);
    tone.stop(begins + 0.5);
  });
}

/** How many people want something of this agent; 0 is a quiet title. */
export function badge(count) {
  document.title = count ? `(${count}) ${title}` : title;
}

/** Says it to a screen reader without moving the focus. */
export function aloud(text) {
  byId("aloud").textContent = text;
}
