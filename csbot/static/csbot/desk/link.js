// The one socket of the page: comes back by itself with jitter, and repeats what was not answered.

import { page } from "./dom.js";

const LOGGED_OUT = 4401;
const SILENT = 40000; // the server is asked for a sign of life after this, and given up after as long again
const REPEATED = new Set(["say"]); // safe to send again: the server knows the id

export class Link extends EventTarget {
  #socket = null;
  #tries = 0;
  #asked = new Map(); // id → {frame, resolve, reject}
  #heard = 0;
  #timer = 0;

  start() {
    const address = new URL(page.socket, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("lang", page.language);
    this.#state(this.#tries ? "reconnecting" : "connecting");
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onopen = () => {
      this.#tries = 0;
      this.#heard = Date.now();
      this.#state("online");
      this.dispatchEvent(new Event("open"));
      for (const { frame } of this.#asked.values()) if (REPEATED.has(frame.type)) socket.send(JSON.stringify(frame));
    };
    socket.onmessage = (event) => {
      this.#heard = Date.now();
      this.#take(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      clearInterval(this.#timer);
      for (const [id, asked] of this.#asked) {
        if (REPEATED.has(asked.frame.type)) continue;
        this.#asked.delete(id);
        asked.reject({ code: "lost", message: "" });
      }
      if (event.code === LOGGED_OUT) return this.#state("logged_out");
      // A handshake refused again and again: the session is over, or the role is.
      if (!this.#heard && this.#tries >= 3) this.#state("logged_out");
      else this.#state("reconnecting");
      const wait = Math.min(30000, 500 * 2 ** this.#tries) * (0.5 + Math.random());
      this.#tries += 1;
      setTimeout(() => this.#socket ?? this.start(), wait);
    };
    this.#timer = setInterval(() => {
      const silent = Date.now() - this.#heard;
      if (socket.readyState !== WebSocket.OPEN) return;
      if (silent > 2 * SILENT) socket.close();
      else if (silent > SILENT / 2) socket.send('{"type":"ping"}');
    }, SILENT / 4);
  }

  /** Sends what needs no answer; dropped while the line is down. */
  tell(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** Sends what is answered; rejects with {code, message}. A `say` outlives a lost line and is sent again. */
  ask(frame, id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`) {
    frame.id = id;
    return new Promise((resolve, reject) => {
      const open = this.#socket?.readyState === WebSocket.OPEN;
      if (!open && !REPEATED.has(frame.type)) return reject({ code: "lost", message: "" });
      this.#asked.set(id, { frame, resolve, reject });
      if (open) this.#socket.send(JSON.stringify(frame));
    });
  }

  #take(frame) {
    if (frame.type === "done" || frame.type === "refused") {
      const asked = this.#asked.get(frame.id);
      this.#asked.delete(frame.id);
      if (frame.type === "done") asked?.resolve(frame);
      else if (asked && frame.code === "unavailable" && REPEATED.has(asked.frame.type)) this.#asked.set(frame.id, asked);
      else if (asked) asked.reject(frame);
      else this.dispatchEvent(new CustomEvent("refused", { detail: frame }));
      return;
    }
    this.dispatchEvent(new CustomEvent(frame.type, { detail: frame }));
  }

  #state(state) {
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
