// Elements, words and times. Text only ever enters the page as text: there is no markup anywhere in these scripts.

export const page = JSON.parse(document.getElementById("desk-page").textContent);

/** The word for `key`, with {name} filled from `values`. */
export function say(key, values = {}) {
  return (page.words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A new element: `on…` are listeners, `true` an empty attribute, null, undefined and false nothing. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** A drawing of one path on a 20 by 20 grid, hidden from screen readers. */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const byId = (id) => document.getElementById(id);

/** Makes the children of `list` one element per item, keeping the elements (and the focus in them) of known keys. */
export function reconcile(list, items, keyOf, make) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, index) => {
    const key = String(keyOf(item));
    const signature = JSON.stringify(item);
    let child = known.get(key);
    known.delete(key);
    if (!child || child.dataset.signature !== signature) {
      const fresh = make(item);
      fresh.dataset.key = key;
      fresh.dataset.signature = signature;
      if (child) {
        const focused = child.contains(document.activeElement) ? document.activeElement.dataset.part : null;
        child.replaceWith(fresh);
        if (focused) fresh.querySelector(`[data-part="${focused}"]`)?.focus();
      }
      child = fresh;
    }
    if (list.children[index] !== child) list.insertBefore(child, list.children[index] ?? null);
  });
  for (const gone of known.values()) gone.remove();
}

const clock = new Intl.DateTimeFormat(page.language, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(page.language, { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat(page.language, { day: "numeric", month: "short", year: "numeric" });
const languages = new Intl.DisplayNames([page.language], { type: "language" });

export const timeOf = (iso) => clock.format(new Date(iso));

export function dayOf(iso) {
  const date = new Date(iso);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return say("today");
  return (date.getFullYear() === now.getFullYear() ? day : dayAndYear).format(date);
}

export function languageName(code) {
  try {
    return languages.of(code);
  } catch {
    return code;
  }
}

/** How long ago, short: "now", "45 s", "3:20", "2 h 5", "3 d". */
export function ageOf(iso) {
  const seconds = Math.max(0, Math.floor((Date.now() - new Date(iso)) / 1000));
  if (seconds < 5) return say("just_now");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)}`;
  return `${Math.floor(seconds / 86400)} d`;
}

/** A <time> that keeps counting; `late` seconds after which it warns. */
export function age(iso, late = 120) {
  const node = el("time", { class: "age", datetime: iso, "data-late": late });
  tick(node);
  return node;
}

function tick(node) {
  const text = ageOf(node.dateTime);
  if (node.textContent !== text) node.textContent = text;
  node.classList.toggle("late", Date.now() - new Date(node.dateTime) > node.dataset.late * 1000);
}

setInterval(() => document.querySelectorAll("time.age").forEach(tick), 1000);

export const nameOf = (row) => row.name || say("anonymous", { n: row.number });

/** The mood tag for a sentiment from −1 to 1; null when it says nothing. */
export function mood(sentiment) {
  if (sentiment <= -0.5) return el("span", { class: "tag bad" }, say("mood_bad"));
  if (sentiment <= -0.2) return el("span", { class: "tag warn" }, say("mood_low"));
  if (sentiment >= 0.5) return el("span", { class: "tag good" }, say("mood_good"));
  return null;
}

const PART = /\[([^\]\n]{1,200})\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])|\*\*([^*\n]+)\*\*/g;

/** `text` as nodes: links become links, **words** strong, everything else stays what it is. */
export function prose(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(PART)) {
    nodes.push(text.slice(from, found.index));
    const [whole, title, address, bare, strong] = found;
    if (strong) nodes.push(el("strong", {}, strong));
    else nodes.push(el("a", { href: address || bare, target: "_blank", rel: "noopener noreferrer nofollow" }, title || bare));
    from = found.index + whole.length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

export function toast(text) {
  const note = el("p", { class: "toast" }, text);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), 7000);
}

/** Storage that may be full or forbidden: then nothing is kept, and nothing breaks. */
export const memory = {
  get(key, otherwise = null, store = sessionStorage) {
    try {
      return JSON.parse(store.getItem(`csbot.desk.${key}`)) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(key, value, store = sessionStorage) {
    try {
      if (value === null || value === "" || value?.length === 0) store.removeItem(`csbot.desk.${key}`);
      else store.setItem(`csbot.desk.${key}`, JSON.stringify(value));
    } catch {
      /* full or forbidden */
    }
  },
};
