// One open conversation: its head, its entries, its composer.

import { Composer } from "./composer.js";
import { ask, complain } from "./dialogs.js";
import { dayLine, entryElement } from "./entries.js";
import { el, icon, mood, nameOf, say } from "./dom.js";

const CROSS = "m5.5 5.5 9 9m0-9-9 9";
const INFO = "M10 9v5M10 6.2v.1M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15z";

export class Pane {
  constructor(id, link, desk) {
    this.id = id;
    this.link = link;
    this.desk = desk;
    this.card = null;
    this.seq = 0;
    this.read = 0;
    this.newest = 0; // the customer's newest message
    this.theirs = 0; // what the customer has read
    this.titles = new Map(); // of the bot's buttons, by value
    this.day = "";
    this.waiting = new Map(); // messages on their way: id → element
    this.build();
  }

  build() {
    this.name = el("h2", {});
    this.tags = el("p", { class: "tags" });
    this.actions = el("div", { class: "actions" });
    this.banner = el("p", { class: "banner", hidden: true });
    this.log = el("ol", { class: "log", role: "log", tabindex: "0", "aria-live": "off" });
    this.typing = el("p", { class: "typing", hidden: true });
    this.composer = new Composer(this.id, this.link, this);
    this.element = el(
      "article",
      { class: "pane", id: `pane-${this.id}`, onfocusin: () => this.desk.activate(this.id), onpointerdown: () => this.desk.activate(this.id) },
      el(
        "header",
        {},
        el("div", { class: "title" }, this.name, this.tags),
        el(
          "div",
          { class: "corner" },
          el("button", { type: "button", class: "button quiet square more", title: say("details"), onclick: () => this.desk.view("card") }, icon(INFO), el("span", { class: "visually-hidden" }, say("details"))),
          el("button", { type: "button", class: "button quiet square", title: say("close_pane"), onclick: () => this.desk.putAway(this.id) }, icon(CROSS), el("span", { class: "visually-hidden" }, say("close_pane"))),
        ),
        this.actions,
      ),
      this.banner,
      this.log,
      this.typing,
      this.composer.element,
    );
  }

  get customer() {
    return this.card ? nameOf({ name: this.card.customer.name, number: this.card.customer.id }) : "";
  }

  show(card) {
    this.card = card;
    this.name.textContent = this.customer;
    this.log.setAttribute("aria-label", this.customer);
    this.tags.replaceChildren(...[mood(card.sentiment), card.queue && el("span", { class: "tag" }, card.queue.name)].filter(Boolean));
    this.composer.show(card, this.customer);
    this.showActions(card);
    this.element.classList.toggle("mine", card.mine);
    this.element.classList.toggle("closed", card.status === "closed");
  }

  showActions(card) {
    const button = (label, action, kind = "") => el("button", { type: "button", class: `button ${kind}`, onclick: action }, label);
    const open = card.status === "open";
    const ticket = card.ticket && card.ticket.status !== "closed";
    let actions = [];
    let banner = "";
    if (card.mine && open) {
      actions = [button(say("hand_back"), () => this.handBack()), button(say("requeue"), () => this.requeue()), button(say("close"), () => this.close())];
    } else if (card.holder === "agent" && open) {
      banner = say("other_has_it", { name: card.agent });
    } else if (open || ticket) {
      banner = ticket ? say("ticket_open", { email: card.ticket.email }) : card.waiting ? say("waits_here") : say("bot_has_it");
      const label = ticket ? "reply_by_mail" : card.waiting ? "take" : "step_in";
      actions = [button(say(label), () => this.desk.take(this.id), card.waiting || ticket ? "primary" : "")];
    } else {
      banner = say("closed_now");
    }
    // Rebuilding a button that has the focus would throw the focus away.
    const had = this.actions.contains(document.activeElement);
    this.actions.replaceChildren(...actions);
    if (had) (this.actions.querySelector("button") ?? this.composer.field).focus();
    this.banner.textContent = banner;
    this.banner.hidden = !banner;
  }

  get atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
  }

  add(entries) {
    const { atEnd } = this;
    let status = false;
    let heard = null;
    for (const entry of entries) {
      if (entry.seq <= this.seq) continue;
      this.seq = entry.seq;
      for (const button of entry.data?.buttons ?? []) this.titles.set(button.value, button.title);
      if (entry.kind === "read" && entry.sender === "customer") this.theirs = Math.max(this.theirs, entry.data.through);
      if (entry.kind === "message" && entry.sender === "customer") {
        this.newest = entry.seq;
        heard = entry;
        this.showTyping("", false);
      }
      status ||= entry.kind === "status";
      this.append(entry);
    }
    this.showRead();
    if (atEnd) this.toEnd();
    this.markRead();
    return { status, heard };
  }

  append(entry) {
    const element = entry.kind && entryElement(entry, { customer: this.customer, language: this.card?.language ?? "", titles: this.titles });
    if (!element) return;
    const day = new Date(entry.at).toDateString();
    if (day !== this.day) {
      this.day = day;
      this.log.append(dayLine(entry.at));
    }
    const coming = [...this.waiting.values()].find((bubble) => bubble.seq === entry.seq);
    if (coming) this.drop(coming);
    const first = this.log.querySelector(".pending");
    this.log.insertBefore(element, first);
  }

  /** A message on its way, shown at once. */
  pending(id, text) {
    const state = el("p", { class: "by" }, say("sending"));
    const element = el("li", { class: "message agent pending" }, state, el("p", { class: "text", dir: "auto" }, text));
    const bubble = {
      id,
      element,
      seq: null,
      remove: () => this.drop(bubble),
      failed: (why, again) => {
        element.classList.add("failed");
        state.replaceChildren(say("not_sent", { why }), " ", el("button", { type: "button", class: "button quiet", onclick: again }, say("try_again")));
      },
    };
    this.waiting.set(id, bubble);
    this.log.append(element);
    this.toEnd();
    return bubble;
  }

  /** The server has stored message `id` as entry `seq`. */
  arrived(id, seq) {
    const bubble = this.waiting.get(id);
    if (!bubble) return;
    bubble.seq = seq;
    if (seq <= this.seq) this.drop(bubble);
  }

  drop(bubble) {
    bubble.element.remove();
    this.waiting.delete(bubble.id);
  }

  showRead() {
    this.log.querySelector(".seen")?.remove();
    const read = [...this.log.querySelectorAll(".message.agent[data-seq]")].filter((node) => Number(node.dataset.seq) <= this.theirs);
    read.at(-1)?.append(el("p", { class: "seen" }, say("read")));
  }

  showTyping(name, on) {
    clearTimeout(this.typingTimer);
    const atEnd = this.atEnd;
    this.typing.hidden = !on;
    this.typing.textContent = on ? say("typing", { name }) : "";
    if (atEnd) this.toEnd(); // the line takes its height from the log's
    if (on) this.typingTimer = setTimeout(() => this.showTyping("", false), 6000);
  }

  /** Tells the customer that their messages were seen, once somebody really looks. */
  markRead() {
    if (!this.card?.mine || this.newest <= this.read || document.visibilityState !== "visible" || !document.hasFocus() || !this.element.offsetParent) return;
    this.read = this.newest;
    this.link.tell({ type: "read", conversation: this.id, through: this.newest });
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  async handBack() {
    const note = el("textarea", { class: "field", rows: "3", "aria-label": say("note") });
    const chosen = await ask({
      title: say("hand_back_title", { name: this.card.bot }),
      about: say("hand_back_about"),
      body: note,
      actions: [{ label: say("hand_back"), value: "yes", primary: true }],
    });
    if (chosen) this.do({ type: "hand_back", text: note.value });
  }

  async close() {
    const outcome = await ask({
      title: say("close_title"),
      about: say("close_about"),
      actions: ["spam", "unresolved", "resolved"].map((value) => ({ label: say(value), value, primary: value === "resolved" })),
    });
    if (outcome) this.do({ type: "close", outcome });
  }

  async requeue() {
    const queues = this.desk.queues.filter((queue) => queue.brand === this.card.brand.id);
    const select = el(
      "select",
      { class: "field", "aria-label": say("requeue_title") },
      ...queues.map((queue) => el("option", { value: queue.id, selected: queue.id === this.card.queue?.id }, queue.name)),
    );
    const chosen = await ask({
      title: say("requeue_title"),
      about: say("requeue_about"),
      body: queues.length ? select : null,
      actions: [{ label: say("requeue"), value: "yes", primary: true }],
    });
    if (chosen) this.do({ type: "requeue", queue: queues.length ? Number(select.value) : null });
  }

  do(frame) {
    this.link.ask({ ...frame, conversation: this.id }).catch(complain);
  }
}
