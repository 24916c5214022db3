// Where the agent writes: replies, notes and files. Unsent text survives a reload, and so does what was on its way.

import { why } from "./dialogs.js";
import { byId, el, icon, memory, page, say, toast } from "./dom.js";

const CLIP = "m15 8.5-5.8 5.8a3 3 0 0 1-4.3-4.3l6.4-6.3a2 2 0 0 1 2.8 2.8l-6.3 6.2a1 1 0 0 1-1.4-1.4L11.6 6";
const NOWHERE = "00000000-0000-0000-0000-000000000000";

export class Composer {
  constructor(id, link, pane) {
    this.id = id;
    this.link = link;
    this.pane = pane;
    this.note = false;
    this.files = [];
    this.outbox = new Map(); // id → {text, files}, until the server has it
    this.typedAt = 0;
    this.onlyNotes = false;
    this.build();
    for (const waiting of memory.get(`outbox.${id}`, [])) this.deliver(waiting);
  }

  build() {
    this.field = el("textarea", { class: "field", rows: "1", maxlength: String(page.limit), dir: "auto" });
    this.field.value = memory.get(`draft.${this.id}`, "");
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => {
      // Enter while an input method composes belongs to the input method.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.send();
    });
    this.field.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length && !this.note) {
        event.preventDefault();
        this.upload(event.clipboardData.files);
      }
    });
    this.modes = [false, true].map((note) =>
      el("button", { type: "button", "aria-pressed": String(!note), onclick: () => this.mode(note) }, say(note ? "note" : "reply")),
    );
    this.picker = el("input", { type: "file", multiple: true, hidden: true, onchange: () => this.upload(this.picker.files) });
    this.attach = el(
      "button",
      { type: "button", class: "button quiet square", title: say("attach"), onclick: () => this.picker.click() },
      icon(CLIP),
      el("span", { class: "visually-hidden" }, say("attach")),
    );
    this.button = el("button", { type: "button", class: "button primary", onclick: () => this.send() }, say("send"));
    this.chips = el("ul", { class: "chips" });
    this.element = el(
      "div",
      { class: "composer" },
      el("div", { class: "modes", role: "group" }, ...this.modes),
      this.chips,
      el("div", { class: "write" }, this.attach, this.picker, this.field, this.button),
    );
    this.showFiles();
  }

  /** What the pane knows: whether one may reply, to whom, and whether by e-mail. */
  show(card, customer) {
    const may = card.mine && card.status === "open";
    this.modes[0].hidden = this.attach.hidden = !may;
    // Who only looks on may leave a note; the place for it opens when it is wanted.
    if (!may && !this.note) this.mode(true, false);
    else if (may && this.onlyNotes) this.mode(false, false);
    if (may !== !this.onlyNotes) this.element.classList.toggle("folded", !may && !this.field.value);
    this.onlyNotes = !may;
    const mail = card.ticket?.by_mail ? card.ticket.email : "";
    this.label = mail ? say("write_mail", { name: customer, email: mail }) : say("write", { name: customer });
    this.hint();
    requestAnimationFrame(() => this.grow());
  }

  mode(note, focus = true) {
    this.note = note;
    if (focus) this.element.classList.remove("folded");
    this.modes.forEach((button, index) => button.setAttribute("aria-pressed", String(Boolean(index) === note)));
    this.element.classList.toggle("noting", note);
    this.button.textContent = say(note ? "add_note" : "send");
    this.hint();
    if (focus) this.field.focus();
  }

  hint() {
    const words = this.note ? say("write_note") : (this.label ?? "");
    this.field.placeholder = words;
    this.field.setAttribute("aria-label", words);
  }

  changed() {
    memory.set(`draft.${this.id}`, this.field.value);
    this.grow();
    if (this.note) return;
    const now = Date.now();
    if (this.field.value && now - this.typedAt > 2500) {
      this.typedAt = now;
      this.link.tell({ type: "typing", conversation: this.id, on: true });
    }
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.stopTyping(), 4000);
  }

  stopTyping() {
    if (!this.typedAt) return;
    this.typedAt = 0;
    this.link.tell({ type: "typing", conversation: this.id, on: false });
  }

  grow() {
    this.field.style.height = "auto";
    if (this.field.value) this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 180)}px`;
  }

  send() {
    const text = this.field.value.trim();
    if (!text && !(this.files.length && !this.note)) return;
    if (this.note) return this.addNote(text);
    const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    this.deliver({ id, text, files: this.files });
    this.files = [];
    this.showFiles();
    this.empty();
  }

  empty() {
    this.field.value = "";
    memory.set(`draft.${this.id}`, "");
    clearTimeout(this.typing);
    this.stopTyping();
    this.grow();
  }

  async addNote(text) {
    this.button.disabled = true;
    try {
      await this.link.ask({ type: "note", conversation: this.id, text });
      this.empty();
    } catch (refusal) {
      toast(say("not_sent", { why: why(refusal) }));
    } finally {
      this.button.disabled = false;
    }
  }

  async deliver(message) {
    this.outbox.set(message.id, message);
    this.keep();
    const bubble = this.pane.pending(message.id, message.text || message.files.map((file) => file.name).join(", "));
    try {
      const done = await this.link.ask(
        { type: "say", conversation: this.id, text: message.text, files: message.files.map((file) => file.id) },
        message.id,
      );
      this.pane.arrived(message.id, done.seq);
    } catch (refusal) {
      bubble.failed(why(refusal), () => {
        bubble.remove();
        this.deliver({ ...message, id: crypto.randomUUID?.() ?? `${Date.now()}` });
      });
    } finally {
      this.outbox.delete(message.id);
      this.keep();
    }
  }

  keep() {
    memory.set(`outbox.${this.id}`, [...this.outbox.values()]);
  }

  async upload(list) {
    for (const file of [...list]) {
      const form = new FormData();
      form.append("file", file);
      const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
      try {
        const answer = await fetch(page.upload.replace(NOWHERE, this.id), { method: "POST", body: form, headers: { "X-CSRFToken": token } });
        const result = await answer.json();
        if (!answer.ok) throw new Error(result.message);
        this.files.push(result);
      } catch (error) {
        toast(say("file_refused", { name: file.name, why: error.message }));
      }
    }
    this.picker.value = "";
    this.showFiles();
  }

  showFiles() {
    this.chips.hidden = !this.files.length;
    this.chips.replaceChildren(
      ...this.files.map((file) =>
        el(
          "li",
          { class: "tag" },
          file.name,
          el(
            "button",
            {
              type: "button",
              "aria-label": say("remove", { name: file.name }),
              onclick: () => {
                this.files = this.files.filter((other) => other !== file);
                this.showFiles();
              },
            },
            "×",
          ),
        ),
      ),
    );
  }
}

// The writing place of an open conversation.
export const focusIn = (id) => byId(`pane-${id}`)?.querySelector("textarea")?.focus();
