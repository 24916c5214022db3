// The lists on the left: rebuilt from each snapshot, keeping focus where it is.

import { age, byId, el, icon, languageName, mood, nameOf, page, reconcile, say } from "./dom.js";

const TICK = "m5 10.5 3.5 3.5L15.5 6.5";

/** Shows a snapshot. `act` has `open(id)` and `take(id)`. */
export function showLists(snapshot, act, openIds) {
  const rows = (id, items, make, none) => {
    reconcile(byId(id), items, (item) => item.conversation ?? item.id, make);
    const count = byId(`n-${id}`);
    if (count) count.textContent = items.length || "";
    const empty = byId(`none-${id}`);
    if (empty) {
      empty.textContent = say(none);
      empty.hidden = items.length > 0;
    }
  };
  rows("waiting", snapshot.waiting, (row) => waits(row, act), "empty_waiting");
  if (snapshot.waiting_total > snapshot.waiting.length) {
    byId("n-waiting").textContent = snapshot.waiting_total;
    byId("none-waiting").hidden = false;
    byId("none-waiting").textContent = say("more_waiting", { n: snapshot.waiting_total - snapshot.waiting.length });
  }
  rows("mine", snapshot.mine, (row) => mine(row, act), "empty_mine");
  rows("tickets", snapshot.tickets, (row) => ticket(row, act), "empty_tickets");
  rows("others", snapshot.others, (row) => held(row, act));
  byId("s-others").hidden = snapshot.others.length === 0;
  const colleagues = snapshot.present.filter((person) => person.id !== snapshot.me.id);
  rows("present", colleagues, colleague, "nobody_present");
  byId("n-all").textContent = wanted(snapshot) || "";
  mark(openIds);
}

/** How many people want something: who waits, and messages unread. */
export const wanted = (snapshot) =>
  snapshot.waiting_total + snapshot.mine.reduce((sum, row) => sum + row.unread, 0);

/** Shows which rows are open beside the lists, and which is the active one. */
export function mark(openIds, active) {
  for (const row of document.querySelectorAll(".lists li[data-key]")) {
    row.classList.toggle("open", openIds.includes(row.dataset.key));
    row.classList.toggle("active", row.dataset.key === active);
  }
}

function row(item, act, { tags = [], time = null, action = null, unread = 0 }) {
  const name = nameOf(item);
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "row", "data-part": "row", onclick: () => act.open(item.conversation) },
      el(
        "span",
        { class: "line" },
        el("span", { class: "name" }, name),
        item.verified && el("span", { class: "tick", title: say("verified") }, icon(TICK), el("span", { class: "visually-hidden" }, say("verified"))),
        unread ? el("span", { class: "unread", title: say("unread", { n: unread }) }, String(unread)) : null,
        time,
      ),
      item.last ? el("span", { class: "last", lang: item.language }, item.last) : null,
      tags.some(Boolean) ? el("span", { class: "tags" }, ...tags) : null,
    ),
    action,
  );
}

const tag = (text, tone = "") => text && el("span", { class: `tag ${tone}`, title: text }, text);

/** The customer's language, where it is not the agent's own. */
const spoken = (item) => (page.language.startsWith(item.language) ? null : tag(languageName(item.language)));

function waits(item, act) {
  const urgent = { anger: "bad", failure: "bad", safety: "bad", agent_gone: "warn" }[item.reason] ?? "";
  return row(item, act, {
    time: age(item.since),
    tags: [
      tag(item.reason_text, urgent),
      item.reason === "anger" ? null : mood(item.sentiment),
      tag(item.queue),
      // A queue is often called after its topic: once is enough.
      item.topic && item.topic.toLowerCase() !== item.queue.toLowerCase() ? tag(item.topic.replaceAll("_", " ")) : null,
      spoken(item),
    ],
    action: el(
      "button",
      { type: "button", class: "button primary do", "data-part": "do", onclick: () => act.take(item.conversation) },
      say("take"),
      el("span", { class: "visually-hidden" }, ` ${nameOf(item)}`),
    ),
  });
}

const mine = (item, act) => row(item, act, { unread: item.unread, tags: item.sentiment <= -0.2 ? [mood(item.sentiment)] : [] });

const ticket = (item, act) =>
  row(item, act, { time: age(item.since, 86400), tags: [tag(item.email), tag(item.queue), spoken(item)] });

const held = (item, act) => row(item, act, { tags: [tag(item.agent)] });

const colleague = (person) =>
  el(
    "li",
    { class: person.available ? "person" : "person away" },
    el("span", { class: "dot", "aria-hidden": "true" }),
    el("span", { class: "name" }, person.name),
    el("span", { class: "small" }, person.available ? say("holds", { n: person.holds }) : say("away")),
  );

/** Up and down move between the rows of all lists. */
export function keys(nav) {
  nav.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const buttons = [...nav.querySelectorAll("button.row")];
    const at = buttons.indexOf(event.target.closest("li")?.querySelector("button.row"));
    const next = buttons[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });
}
