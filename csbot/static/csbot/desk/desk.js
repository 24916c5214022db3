// The staff page: one socket, the lists, and the conversations that are open side by side.

import * as alerts from "./alerts.js";
import { showCard } from "./card.js";
import { focusIn } from "./composer.js";
import { complain, why } from "./dialogs.js";
import { byId, el, memory, nameOf, page, say, toast } from "./dom.js";
import { Link } from "./link.js";
import { keys, mark, showLists, wanted } from "./lists.js";
import { Pane } from "./pane.js";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const link = new Link();
const panes = new Map();
let snapshot = null;
let active = null;

const desk = {
  get queues() {
    return snapshot?.queues ?? [];
  },

  open(id, { focus = true } = {}) {
    let pane = panes.get(id);
    if (!pane) {
      pane = new Pane(id, link, desk);
      panes.set(id, pane);
      byId("panes").append(pane.element);
      subscribe(pane);
      remember();
    }
    desk.activate(id);
    if (focus) {
      desk.view("chat");
      pane.element.scrollIntoView({ block: "nearest", inline: "nearest" });
      pane.log.focus({ preventScroll: true });
    }
    return pane;
  },

  async take(id) {
    try {
      await link.ask({ type: "take", conversation: id });
      desk.open(id);
      await refresh(id);
      focusIn(id);
    } catch (refusal) {
      complain(refusal);
    }
  },

  putAway(id) {
    const pane = panes.get(id);
    if (!pane) return;
    panes.delete(id);
    pane.element.remove();
    link.tell({ type: "leave", conversation: id });
    remember();
    if (active === id) desk.activate([...panes.keys()].at(-1) ?? null);
    if (!panes.size) desk.view("lists");
  },

  activate(id) {
    if (active === id && id !== null) return;
    active = id;
    for (const [other, pane] of panes) pane.element.classList.toggle("active", other === id);
    byId("pick").hidden = panes.size > 0;
    showCard(byId("card"), panes.get(id)?.card, desk);
    mark([...panes.keys()], id);
    panes.get(id)?.markRead();
  },

  view(name) {
    byId("content").dataset.view = name;
    for (const tab of document.querySelectorAll(".tabs button")) tab.setAttribute("aria-pressed", String(tab.dataset.view === name));
    if (name === "chat") panes.get(active)?.toEnd();
  },
};

function remember() {
  memory.set("open", [...panes.keys()]);
}

function subscribe(pane) {
  link.ask({ type: "open", conversation: pane.id, after: pane.seq }).catch((refusal) => {
    if (refusal.code === "lost") return; // the next connection asks again
    desk.putAway(pane.id);
    toast(why(refusal));
  });
}

const asked = new Map();

/** Reads a conversation's card again; the answer comes as a `card` frame, and this resolves after it. */
function refresh(id) {
  return link.ask({ type: "card", conversation: id }).catch(() => {});
}

function refreshSoon(id) {
  clearTimeout(asked.get(id));
  asked.set(id, setTimeout(() => panes.has(id) && refresh(id), 250));
}

link.addEventListener("open", () => {
  for (const pane of panes.values()) subscribe(pane);
});

link.addEventListener("state", ({ detail: state }) => {
  const line = byId("link");
  line.dataset.state = state;
  line.replaceChildren(el("span", { class: "dot", "aria-hidden": "true" }), el("span", {}, say(state)));
  if (state === "logged_out" && page.login) line.append(" ", el("a", { href: `${page.login}?next=${encodeURIComponent(location.pathname)}` }, say("log_in")));
});

link.addEventListener("refused", ({ detail }) => complain(detail));

link.addEventListener("snapshot", ({ detail }) => {
  const before = snapshot;
  snapshot = detail;
  showLists(detail, desk, [...panes.keys()]);
  mark([...panes.keys()], active);
  alerts.badge(wanted(detail));
  showAvailable(detail.me.available);
  if (!before) return;
  const known = new Set(before.waiting.map((row) => row.conversation));
  const fresh = detail.waiting.filter((row) => !known.has(row.conversation));
  if (fresh.length && detail.me.available) {
    alerts.ring("waiting");
    alerts.aloud(say("new_waiting", { name: nameOf(fresh[0]) }));
  }
  const unread = new Map(before.mine.map((row) => [row.conversation, row.unread]));
  const wrote = detail.mine.find((row) => row.unread > (unread.get(row.conversation) ?? 0) && !panes.has(row.conversation));
  if (wrote) {
    alerts.ring("message");
    alerts.aloud(say("new_message", { name: nameOf(wrote) }));
  }
});

link.addEventListener("card", ({ detail: { card } }) => {
  const pane = panes.get(card.conversation);
  if (!pane) return;
  pane.show(card);
  pane.markRead();
  if (active === card.conversation) showCard(byId("card"), card, desk);
});

link.addEventListener("entries", ({ detail: { conversation, entries } }) => {
  const pane = panes.get(conversation);
  if (!pane) return;
  const first = pane.seq === 0;
  const { status, heard } = pane.add(entries);
  if (first) {
    pane.toEnd();
    return;
  }
  if (status || heard) refreshSoon(conversation);
  if (heard && pane.card?.mine && (document.hidden || !document.hasFocus() || active !== conversation)) {
    alerts.ring("message");
    alerts.aloud(say("new_message", { name: pane.customer }));
  }
});

link.addEventListener("ephemeral", ({ detail: { conversation, payload } }) => {
  const pane = panes.get(conversation);
  if (pane && payload.kind === "typing") pane.showTyping(payload.sender === "customer" ? pane.customer : payload.name, payload.on);
});

function showAvailable(on) {
  byId("available").setAttribute("aria-checked", String(on));
  byId("available-text").textContent = say(on ? "available" : "away");
}

byId("available").addEventListener("click", () => {
  const on = byId("available").getAttribute("aria-checked") !== "true";
  showAvailable(on);
  link.ask({ type: "available", on }).catch(() => showAvailable(!on));
});

for (const tab of document.querySelectorAll(".tabs button")) tab.addEventListener("click", () => desk.view(tab.dataset.view));

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.code === "KeyN" && snapshot?.waiting.length) {
    event.preventDefault();
    desk.take(snapshot.waiting[0].conversation);
  }
  const place = /^Digit([1-9])$/.exec(event.code);
  const id = place && [...panes.keys()][place[1] - 1];
  if (id) {
    event.preventDefault();
    desk.open(id);
    focusIn(id);
  }
});

for (const moment of ["focus", "visibilitychange"]) {
  window.addEventListener(moment, () => panes.get(active)?.markRead());
}

// The panel of details is beside the conversations where there is room, and over them where there is not.
byId("card").addEventListener("keydown", (event) => {
  if (event.key === "Escape") desk.view("chat");
});

byId("pick").querySelector(".big").textContent = say("pick");
byId("pick").querySelector(".small").textContent = say("pick_about");
keys(document.querySelector(".lists"));
alerts.start();
const named = location.hash.slice(1);
for (const id of memory.get("open", [])) if (ID.test(id)) desk.open(id, { focus: false });
if (ID.test(named)) desk.open(named);
history.replaceState(null, "", location.pathname + location.search);
link.start();
