/*
 * The csbot chat widget: one custom element, one file, no build step, nothing else to load.
 *
 *   <script src="https://host/static/csbot/widget.js" data-inbox="shop" async></script>
 *
 * or, in a page of your own: <csbot-chat inbox="shop" inline></csbot-chat>. docs/webchat.md lists the attributes.
 *
 * Three promises shape the code. Nothing written is lost: a message stays in the outbox (localStorage) until the server
 * acknowledged it by `client_id`, and entries are resumed by `seq`. Nothing received is trusted: text becomes text
 * nodes, links only http and https, no innerHTML anywhere. Nothing needs a looser policy than the page has: styles
 * are a constructed sheet and CSSOM, so a strict Content-Security-Policy holds.
 */
(() => {
  "use strict";

  const VERSION = 1;
  const PING_SECONDS = 25;
  const SILENCE_SECONDS = 12; // after a ping or a message: no answer means the connection is dead
  const BACKOFF_SECONDS = 30;
  const GROUP_MINUTES = 5;
  const here = document.currentScript;
  const LANGUAGE_NAMES = { en: "English", zh: "中文" };

  // ——— Small parts ———

  function el(tag, properties = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(properties)) {
      if (value === undefined || value === null || value === false) continue;
      if (key === "class") node.className = value;
      else if (key === "text") node.textContent = value;
      else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }

  const ICONS = {
    chat: "M12 3.5c-4.97 0-9 3.36-9 7.5 0 2.27 1.21 4.3 3.12 5.67-.1 1.17-.5 2.27-1.2 3.2-.2.27 0 .66.34.63 1.86-.16 3.53-.77 4.9-1.74.6.1 1.2.14 1.84.14 4.97 0 9-3.36 9-7.4s-4.03-8-9-8Z",
    down: "M6 9.5l6 6 6-6",
    close: "M6 6l12 12M18 6L6 18",
    more: "M5 12h.01M12 12h.01M19 12h.01",
    send: "M5 12h13M12.5 6l6 6-6 6",
    clip: "M8 12.5l6.2-6.2a2.6 2.6 0 013.7 3.7L10 17.9a4.4 4.4 0 01-6.2-6.2l7.4-7.4",
    person: "M12 12a4 4 0 100-8 4 4 0 000 8ZM4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5",
    file: "M7 3.5h6.5L18 8v11a1.5 1.5 0 01-1.5 1.5h-9.5A1.5 1.5 0 015.5 19V5A1.5 1.5 0 017 3.5ZM13 3.8V8.5h4.7",
    star: "M12 3.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.7-5.2 2.7 1-5.8L3.6 9.7l5.8-.8L12 3.6Z",
    bot: "M12 3.5v3M7 6.5h10A2.5 2.5 0 0119.5 9v7a2.5 2.5 0 01-2.5 2.5H7A2.5 2.5 0 014.5 16V9A2.5 2.5 0 017 6.5ZM9.25 11v2M14.75 11v2",
    check: "M5 12.5l4.5 4.5L19 7.5",
  };

  function icon(name, filled = false) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("focusable", "false");
    svg.setAttribute("class", filled ? "icon filled" : "icon");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  const fill = (words, values = {}) => words.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));

  function fileSize(bytes) {
    if (bytes < 1024) return `${bytes} B`;
    if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
    return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
  }

  function randomId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** localStorage or sessionStorage, or memory where the browser refuses them. */
  class Memory {
    constructor(kind, prefix) {
      this.prefix = prefix;
      this.fallback = new Map();
      try {
        this.store = window[kind];
        this.store.getItem(prefix);
      } catch {
        this.store = null;
      }
    }
    get(key) {
      try {
        const text = this.store ? this.store.getItem(this.prefix + key) : this.fallback.get(key);
        return text ? JSON.parse(text) : null;
      } catch {
        return null;
      }
    }
    set(key, value) {
      const text = JSON.stringify(value);
      try {
        if (this.store) this.store.setItem(this.prefix + key, text);
        else this.fallback.set(key, text);
      } catch {
        this.fallback.set(key, text);
      }
    }
    remove(key) {
      this.fallback.delete(key);
      try {
        this.store?.removeItem(this.prefix + key);
      } catch {
        /* gone with the browser's permission */
      }
    }
    keys() {
      if (!this.store) return [...this.fallback.keys()];
      return Object.keys(this.store)
        .filter((key) => key.startsWith(this.prefix))
        .map((key) => key.slice(this.prefix.length));
    }
  }

  // ——— Colours: the inbox chooses one, the widget keeps every text readable on it (WCAG 2.2, 1.4.3) ———

  const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const toHex = (rgb) => `#${rgb.map((each) => Math.round(each).toString(16).padStart(2, "0")).join("")}`;
  function luminance(hex) {
    const [red, green, blue] = channels(hex).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
  function contrast(one, other) {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  }
  const textOn = (background) => (contrast(background, "#ffffff") >= 4.5 ? "#ffffff" : "#101216");
  /** `colour`, moved towards black or white until it reads at `ratio` on `background`. */
  function readable(colour, background, ratio = 4.5) {
    const target = luminance(background) > 0.3 ? 0 : 255;
    let rgb = channels(colour);
    for (let step = 0; step < 40 && contrast(toHex(rgb), background) < ratio; step += 1) {
      rgb = rgb.map((value) => value + (target - value) * 0.08);
    }
    return toHex(rgb);
  }

  // ——— Text of the bot and of agents: a little Markdown, straight to nodes ———

  function safeLink(address, base) {
    try {
      const url = new URL(address, base);
      return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
    } catch {
      return null;
    }
  }

  /** **bold**, [text](address) and bare addresses. Everything else is text. */
  function inline(text, base, into) {
    const pattern = /\*\*(.+?)\*\*|\[([^\]\n]+)\]\(([^()\s]+(?:\([^()\s]*\))?[^()\s]*)\)|(https?:\/\/[^\s<>"'，。）】]+[^\s<>"'.,;:!?)\]，。；：！？）】])/g;
    let at = 0;
    for (const match of text.matchAll(pattern)) {
      into.append(text.slice(at, match.index));
      at = match.index + match[0].length;
      if (match[1] !== undefined) {
        into.append(inline(match[1], base, el("strong")));
        continue;
      }
      const href = safeLink(match[3] ?? match[4], base);
      if (href) into.append(el("a", { href, target: "_blank", rel: "noopener noreferrer", text: match[2] ?? match[4] }));
      else into.append(match[2] ?? match[0]);
    }
    into.append(text.slice(at));
    return into;
  }

  function markdown(text, base) {
    const out = document.createDocumentFragment();
    let list = null;
    let paragraph = null;
    for (const line of text.split(/\r?\n/)) {
      const item = line.match(/^\s*(?:([-*•])|(\d{1,3})[.)、])\s+(.*)$/);
      if (item) {
        paragraph = null;
        const kind = item[1] ? "ul" : "ol";
        if (list?.localName !== kind) {
          list = el(kind, kind === "ol" && item[2] !== "1" ? { start: item[2] } : {});
          out.append(list);
        }
        list.append(inline(item[3], base, el("li")));
      } else if (!line.trim()) {
        paragraph = null;
        if (list) list = null;
      } else {
        list = null;
        if (paragraph) paragraph.append(el("br"));
        else {
          paragraph = el("p");
          out.append(paragraph);
        }
        inline(line.replace(/^#{1,4}\s+/, ""), base, paragraph);
      }
    }
    return out;
  }

  // ——— The connection: a session over HTTP, then a socket that comes back ———

  class Connection {
    constructor(chat) {
      this.chat = chat;
      this.socket = null;
      this.session = null;
      this.attempts = 0;
      this.state = "idle"; // idle, connecting, ready, waiting, stopped, elsewhere
      this.timers = {};
    }

    /** A live session, fetched again when its token is about to expire. */
    async fresh(force = false) {
      const now = Date.now();
      if (!force && this.session && now < this.session.good_until) return this.session;
      const { chat } = this;
      const answer = await fetch(`${chat.server}/csbot/webchat/${encodeURIComponent(chat.inbox)}/session`, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          visitor: chat.local.get("visitor") ?? "",
          language: chat.wantedLanguage(),
          vouch: chat.getAttribute("vouch") ?? "",
          resume: chat.getAttribute("resume") ?? "",
        }),
      });
      const data = await answer.json();
      if (!answer.ok) {
        const refusal = new Error(data.message || answer.statusText);
        refusal.final = answer.status === 403 || answer.status === 404 || answer.status === 400;
        throw refusal;
      }
      if (data.visitor) chat.local.set("visitor", data.visitor);
      if (data.warning) {
        console.warn(`csbot: ${data.warning}`);
        // The page may set a fresh `vouch`; until then the visitor is anonymous.
        if (chat.hasAttribute("vouch")) chat.dispatchEvent(new CustomEvent("csbot-vouch-refused", { bubbles: true }));
      }
      data.good_until = now + (data.expires_in - 60) * 1000;
      this.session = data;
      return data;
    }

    get ready() {
      return this.state === "ready";
    }

    async connect() {
      if (["connecting", "ready", "stopped"].includes(this.state)) return;
      clearTimeout(this.timers.retry);
      this.change("connecting");
      let session;
      try {
        session = await this.fresh();
      } catch (problem) {
        if (problem.final) {
          console.error(`csbot: ${problem.message}`);
          this.change("stopped", "forbidden");
        } else this.retry();
        return;
      }
      await this.chat.know(session);
      const socket = new WebSocket(this.chat.server.replace(/^http/, "ws") + session.socket);
      this.socket = socket;
      socket.onopen = () => {
        this.send({
          type: "hello",
          v: VERSION,
          token: session.token,
          language: session.language,
          conversation: this.chat.conversation,
          after: this.chat.at,
        });
        this.expectAnswer();
      };
      socket.onmessage = (event) => this.heard(event.data);
      socket.onclose = (event) => {
        if (this.socket === socket) this.lost(event.code);
      };
    }

    heard(text) {
      clearTimeout(this.timers.silence);
      let frame;
      try {
        frame = JSON.parse(text);
      } catch {
        return;
      }
      if (frame.type === "ready") {
        this.attempts = 0;
        this.change("ready");
        clearInterval(this.timers.ping);
        this.timers.ping = setInterval(() => {
          if (this.send({ type: "ping" })) this.expectAnswer();
        }, PING_SECONDS * 1000);
      }
      this.chat.take(frame);
    }

    expectAnswer() {
      clearTimeout(this.timers.silence);
      const { socket } = this;
      this.timers.silence = setTimeout(() => {
        // The closing handshake of a dead connection takes minutes: go on at once.
        if (socket !== this.socket) return;
        this.drop();
        this.lost(1006);
      }, SILENCE_SECONDS * 1000);
    }

    send(frame) {
      if (this.socket?.readyState !== WebSocket.OPEN) return false;
      this.socket.send(JSON.stringify(frame));
      return true;
    }

    drop() {
      const { socket } = this;
      this.socket = null;
      clearInterval(this.timers.ping);
      clearTimeout(this.timers.silence);
      if (socket) {
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close();
      }
    }

    lost(code) {
      this.drop();
      if (code === 4401) this.session = null;
      if (code === 4400 || code === 4403) this.change("stopped", "forbidden");
      else if (code === 4426) this.change("stopped", "outdated");
      else if (code === 4409) this.change("elsewhere");
      else {
        if (code === 4413) this.chat.outbox.failHead("too_large");
        if (code === 4429) this.attempts = Math.max(this.attempts, 4);
        this.retry();
      }
    }

    /** Exponential, capped, with full jitter: a thousand widgets do not come back in the same second. */
    retry() {
      this.change("waiting");
      const most = Math.min(BACKOFF_SECONDS, 2 ** this.attempts);
      this.attempts += 1;
      clearTimeout(this.timers.retry);
      this.timers.retry = setTimeout(() => this.again(), Math.random() * most * 1000);
    }

    /** Comes back now: the network did, or somebody looks at this tab. */
    again() {
      if (this.state === "waiting" || this.state === "elsewhere") {
        this.state = "idle";
        this.connect();
      }
    }

    restart() {
      if (this.state === "idle") return;
      this.drop();
      this.session = null;
      this.state = "idle";
      this.connect();
    }

    stop() {
      clearTimeout(this.timers.retry);
      this.drop();
      this.state = "idle";
    }

    change(state, why = "") {
      this.state = state;
      this.chat.connectionChanged(state, why);
    }
  }

  // ——— The outbox: what was written and not yet acknowledged, in order, in localStorage ———

  class Outbox {
    constructor(chat) {
      this.chat = chat;
      this.items = [];
      this.inflight = null;
      this.timer = null;
    }

    /** Reads what this visitor left behind, in this tab or another: a message sent twice counts once. */
    restore() {
      const known = new Set(this.items.map((item) => item.client_id));
      const kept = this.chat.mine.keys().filter((key) => key.startsWith("out:"));
      for (const key of kept) {
        const item = this.chat.mine.get(key);
        if (item && !known.has(item.client_id)) this.items.push({ ...item, state: item.state === "failed" ? "failed" : "waiting" });
      }
      this.items.sort((one, other) => one.at - other.at);
    }

    add(message) {
      const item = { ...message, client_id: randomId(), at: Date.now(), state: "waiting" };
      this.items.push(item);
      this.keep(item);
      this.chat.showPending(item);
      this.flush();
    }

    keep(item) {
      // What must not be stored lives in this tab's memory only.
      if (item.secret) return;
      this.chat.mine.set(`out:${item.client_id}`, item);
    }

    flush() {
      if (this.inflight || this.timer || !this.chat.connection.ready) return;
      const item = this.items.find((each) => each.state !== "failed");
      if (!item) return;
      const { client_id, text, choice, attachments } = item;
      const sent = this.chat.connection.send({
        type: "message",
        client_id,
        text: text ?? "",
        choice: choice ?? "",
        attachments: (attachments ?? []).map((each) => each.id),
      });
      if (!sent) return;
      this.inflight = client_id;
      item.state = "sending";
      this.chat.showPending(item);
      this.chat.connection.expectAnswer();
    }

    /** The connection went: what was on its way goes again. */
    interrupted() {
      this.inflight = null;
      clearTimeout(this.timer);
      this.timer = null;
      for (const item of this.items) if (item.state !== "failed") item.state = "waiting";
    }

    done(client_id) {
      const item = this.items.find((each) => each.client_id === client_id);
      this.items = this.items.filter((each) => each.client_id !== client_id);
      this.chat.mine.remove(`out:${client_id}`);
      if (this.inflight === client_id) this.inflight = null;
      this.flush();
      return item;
    }

    refused(client_id, error) {
      const item = this.items.find((each) => each.client_id === client_id);
      if (this.inflight === client_id) this.inflight = null;
      if (!item) return;
      if (error.retry_after !== undefined) {
        item.state = "refused";
        item.again_at = Date.now() + error.retry_after * 1000 + 50;
        this.timer = setTimeout(() => this.tick(item), 0);
      } else {
        item.state = "failed";
        item.code = error.code;
        this.keep(item);
        this.flush();
      }
      this.chat.showPending(item);
    }

    /** Counts down, then sends the same message again. */
    tick(item) {
      const left = item.again_at - Date.now();
      if (left <= 0) {
        this.timer = null;
        item.state = "waiting";
        this.flush();
        return;
      }
      this.chat.showPending(item);
      this.timer = setTimeout(() => this.tick(item), Math.min(left, 500));
    }

    failHead(code) {
      if (this.inflight) this.refused(this.inflight, { code });
    }

    retry(client_id) {
      const item = this.items.find((each) => each.client_id === client_id);
      if (!item) return;
      item.state = "waiting";
      this.chat.showPending(item);
      this.flush();
    }
  }

  // ——— The look: one constructed sheet, so that no page needs 'unsafe-inline' for it ———

  const STYLE = `
:host { --bg: #ffffff; --surface: #f1f3f5; --raised: #ffffff; --text: #15181e; --muted: #59606d; --line: #dfe3e8; --hover: #e9ecef;
  --bad: #b42318; --accent-text: var(--accent-light); --shade: 0 1px 2px #0f172a0f, 0 12px 40px -8px #0f172a47; color-scheme: light;
  all: initial; position: fixed; z-index: 2147483000; inset-block-end: 0; direction: inherit;
  font: 400 15px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans", Arial, sans-serif; color: var(--text); -webkit-text-size-adjust: 100%; }
:host([inline]) { position: relative; z-index: auto; display: block; block-size: 100%; }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { --bg: #14171c; --surface: #242932; --raised: #1b1f26; --text: #eceff3;
  --muted: #a3acba; --line: #343b46; --hover: #2d333d; --bad: #ff9b8f; --accent-text: var(--accent-dark); color-scheme: dark;
  --shade: 0 1px 2px #0006, 0 16px 48px -8px #000c; } }
:host([theme="dark"]) { --bg: #14171c; --surface: #242932; --raised: #1b1f26; --text: #eceff3; --muted: #a3acba; --line: #343b46;
  --hover: #2d333d; --bad: #ff9b8f; --accent-text: var(--accent-dark); color-scheme: dark; --shade: 0 1px 2px #0006, 0 16px 48px -8px #000c; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
button, textarea, input { font: inherit; color: inherit; letter-spacing: inherit; }
button { border: 0; background: none; padding: 0; margin: 0; cursor: pointer; -webkit-tap-highlight-color: transparent; }
button:disabled { cursor: default; }
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--accent-text); outline-offset: 2px; }
.icon { inline-size: 1.5em; block-size: 1.5em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.icon.filled { fill: currentColor; stroke: none; }
.hidden { position: absolute !important; inline-size: 1px; block-size: 1px; margin: -1px; padding: 0; border: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.launcher { position: fixed; inset-block-end: max(20px, env(safe-area-inset-bottom)); right: max(20px, env(safe-area-inset-right)); inline-size: 60px; block-size: 60px;
  border-radius: 50%; background: var(--accent); color: var(--on-accent); display: grid; place-items: center; box-shadow: 0 6px 24px -4px #0f172a66, 0 2px 6px #0f172a33;
  transition: transform .2s cubic-bezier(.2,.8,.3,1.2), box-shadow .2s; }
.left .launcher { right: auto; left: max(20px, env(safe-area-inset-left)); }
.launcher:hover { transform: scale(1.05); box-shadow: 0 10px 30px -4px #0f172a80, 0 2px 6px #0f172a33; }
.launcher:active { transform: scale(.96); }
.launcher:focus-visible { outline: 3px solid var(--accent-text); outline-offset: 3px; }
.launcher .icon { font-size: 19px; transition: transform .2s, opacity .2s; grid-area: 1 / 1; }
.launcher .when-open { opacity: 0; transform: rotate(-40deg) scale(.6); }
.launcher[aria-expanded="true"] .when-open { opacity: 1; transform: none; }
.launcher[aria-expanded="true"] .when-shut { opacity: 0; transform: rotate(40deg) scale(.6); }
.badge { position: absolute; inset-block-start: -3px; inset-inline-end: -3px; min-inline-size: 22px; block-size: 22px; padding: 0 6px; border-radius: 11px;
  background: #c8251a; color: #fff; font-size: 12px; font-weight: 700; line-height: 22px; text-align: center; box-shadow: 0 0 0 2px var(--bg); }

.panel { position: fixed; inset-block-end: calc(max(20px, env(safe-area-inset-bottom)) + 74px); right: max(20px, env(safe-area-inset-right)); inline-size: 396px;
  block-size: min(680px, calc(100vh - 120px)); max-inline-size: calc(100vw - 32px); display: flex; flex-direction: column; overflow: hidden; background: var(--bg);
  border-radius: 18px; box-shadow: var(--shade); transform-origin: bottom right; animation: rise .22s cubic-bezier(.2,.8,.3,1); }
.left .panel { right: auto; left: max(20px, env(safe-area-inset-left)); transform-origin: bottom left; }
@keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.97); } }
:host([inline]) .panel { position: absolute; inset: 0; inline-size: auto; block-size: auto; max-inline-size: none; border-radius: 0; box-shadow: none; animation: none; }
:host([inline]) .launcher { display: none; }
@media (max-width: 480px), (max-height: 460px) {
  :host(:not([inline])) .panel { inset: 0; inline-size: auto; max-inline-size: none; block-size: var(--visible, 100dvh); border-radius: 0; padding-block-end: env(safe-area-inset-bottom); }
  :host(:not([inline])) .opened .launcher { display: none; }
}

header { flex: none; display: flex; align-items: center; gap: 12px; padding: 14px 10px 14px 18px; background: var(--accent); color: var(--on-accent); position: relative; }
[dir="rtl"] header { padding: 14px 18px 14px 10px; }
header .face { inline-size: 40px; block-size: 40px; border-radius: 50%; overflow: hidden; flex: none; display: grid; place-items: center; border: 1.5px solid color-mix(in srgb, var(--on-accent) 45%, transparent); font-weight: 650; font-size: 17px; }
header .face img { inline-size: 100%; block-size: 100%; object-fit: cover; background: #fff; }
header .names { flex: 1; min-inline-size: 0; }
header h2 { margin: 0; font-size: 16px; font-weight: 650; line-height: 1.3; letter-spacing: -.005em; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
header p { margin: 1px 0 0; font-size: 13px; line-height: 1.35; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
header button { inline-size: 40px; block-size: 40px; border-radius: 12px; display: grid; place-items: center; flex: none; transition: background .15s; }
header button:hover, header button[aria-expanded="true"] { background: color-mix(in srgb, var(--on-accent) 16%, transparent); }
header button:focus-visible { outline-color: var(--on-accent); outline-offset: -3px; }
header .tools { display: flex; gap: 2px; }
header .icon { font-size: 14.5px; }
.more .icon { stroke-width: 3; }

.menu { position: absolute; z-index: 5; inset-block-start: 60px; inset-inline-end: 12px; min-inline-size: 232px; padding: 6px; border-radius: 14px; background: var(--raised);
  color: var(--text); box-shadow: var(--shade); border: 1px solid var(--line); animation: rise .14s ease-out; }
.menu button { display: flex; inline-size: 100%; min-block-size: 42px; padding: 8px 12px; border-radius: 9px; text-align: start; align-items: center; gap: 10px; }
.menu button:hover { background: var(--hover); }
.menu .icon { font-size: 13px; color: var(--muted); }
.menu .languages { display: flex; gap: 4px; border-block-start: 1px solid var(--line); margin-block-start: 6px; padding-block-start: 6px; }
.menu .languages button { justify-content: center; }
.menu .languages [aria-pressed="true"] { background: var(--surface); font-weight: 600; }
.menu .sure { padding: 8px 12px 4px; margin: 0; font-weight: 600; }
.menu .danger { color: var(--bad); }

.banner { flex: none; display: flex; align-items: center; justify-content: center; gap: 8px; padding: 7px 16px; font-size: 13px; line-height: 1.4; text-align: center; background: var(--surface); color: var(--text); border-block-end: 1px solid var(--line); }
button.banner { inline-size: 100%; text-decoration: underline; text-underline-offset: 2px; min-block-size: 36px; }
.spin { inline-size: 12px; block-size: 12px; border-radius: 50%; border: 2px solid var(--line); border-block-start-color: var(--accent-text); animation: spin .8s linear infinite; flex: none; }
@keyframes spin { to { transform: rotate(1turn); } }

.scroll { flex: 1; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; padding: 18px 16px 10px; scrollbar-width: thin; scrollbar-color: var(--line) transparent; display: flex; flex-direction: column; }
.scroll > :first-child { margin-block-start: auto; }
:host([inline]) .scroll { padding-inline: max(16px, calc(50% - 340px)); }
:host([inline]) footer { padding-inline: max(14px, calc(50% - 342px)); }
.intro { text-align: center; color: var(--muted); font-size: 13px; padding: 4px 20px 2px; text-wrap: balance; margin: 0; }
.day { text-align: center; color: var(--muted); font-size: 12px; font-weight: 600; margin: 14px 0 10px; }
.line { text-align: center; color: var(--muted); font-size: 13px; margin: 14px auto; padding: 0 20px; text-wrap: balance; }
.line b { font-weight: 600; color: var(--text); }
.msg { display: flex; gap: 8px; margin-block-start: 14px; max-inline-size: 100%; }
.msg.joined { margin-block-start: 3px; }
.msg .face { inline-size: 28px; block-size: 28px; border-radius: 50%; flex: none; overflow: hidden; display: grid; place-items: center; background: var(--surface); color: var(--accent-text); font-size: 12px; font-weight: 650; margin-block-start: 22px; }
.msg .face .icon { font-size: 12px; }
.msg .face img { inline-size: 100%; block-size: 100%; object-fit: cover; background: #fff; }
.msg.joined .face { visibility: hidden; block-size: 0; margin: 0; }
.body { display: flex; flex-direction: column; align-items: flex-start; min-inline-size: 0; max-inline-size: min(85%, 560px); }
.msg.own { justify-content: flex-end; }
.own .body { align-items: flex-end; }
.who { font-size: 12px; line-height: 18px; color: var(--muted); margin: 0 2px 3px; display: flex; gap: 6px; align-items: center; max-inline-size: 100%; }
.who bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.tag { border: 1px solid var(--line); border-radius: 5px; font-size: 11px; line-height: 15px; padding: 0 5px; flex: none; }
.msg.joined .who { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
.bubble { padding: 9px 14px; border-radius: 6px 18px 18px 18px; background: var(--surface); color: var(--text); overflow-wrap: anywhere; max-inline-size: 100%; text-align: start; animation: appear .18s ease-out; }
[dir="rtl"] .bubble { border-radius: 18px 6px 18px 18px; }
.own .bubble { background: var(--accent); color: var(--on-accent); border-radius: 18px 18px 6px 18px; white-space: pre-wrap; }
[dir="rtl"] .own .bubble { border-radius: 18px 18px 18px 6px; }
.joined .bubble { border-start-start-radius: 18px; }
.own.joined .bubble { border-start-end-radius: 18px; }
.quiet .bubble, .quiet .card, .quiet .panel { animation: none; }
@keyframes appear { from { opacity: 0; transform: translateY(6px); } }
.bubble p, .bubble ul, .bubble ol { margin: 0; }
.bubble > :is(p, ul, ol) + :is(p, ul, ol) { margin-block-start: 8px; }
.bubble ul, .bubble ol { padding-inline-start: 1.3em; }
.bubble li + li { margin-block-start: 3px; }
.bubble li::marker { color: var(--muted); }
.bubble strong { font-weight: 650; }
.bubble a { color: var(--accent-text); text-underline-offset: 2px; text-decoration-thickness: 1px; border-radius: 3px; }
.own .bubble a { color: inherit; }
.draft .bubble { color: var(--muted); }
.sources { margin: 5px 3px 0; font-size: 12px; line-height: 1.4; color: var(--muted); }
.sources bdi + bdi::before { content: " · "; }
.meta { margin: 4px 3px 0; font-size: 11.5px; line-height: 1.4; color: var(--muted); display: flex; gap: 6px; flex-wrap: wrap; align-items: center; }
.own .meta { justify-content: flex-end; text-align: end; }
.msg:has(+ .msg.joined) .meta:not(.loud) { display: none; }
.meta .problem { color: var(--bad); font-weight: 600; }
.meta button { color: var(--accent-text); font-weight: 600; min-block-size: 24px; padding: 0 4px; border-radius: 6px; text-decoration: underline; text-underline-offset: 2px; }
.state:empty { display: none; }
.unsent .bubble { opacity: .72; }
.pending .msg + .msg { margin-block-start: 3px; }
.pending .msg:has(+ .msg) .meta:not(.loud) { display: none; }
.picture { display: block; margin-block-start: 4px; border-radius: 14px; overflow: hidden; border: 1px solid var(--line); background: var(--surface); max-inline-size: 100%; }
.picture img { display: block; max-inline-size: 100%; inline-size: auto; min-inline-size: 48px; min-block-size: 48px; max-block-size: 260px; object-fit: contain; }
.paper { display: flex; align-items: center; gap: 10px; margin-block-start: 4px; padding: 9px 14px 9px 10px; border: 1px solid var(--line); border-radius: 14px; background: var(--raised); color: var(--text); text-decoration: none; max-inline-size: 100%; min-block-size: 44px; }
.paper:hover { background: var(--hover); }
.paper .icon { color: var(--accent-text); font-size: 15px; }
.paper bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: 14px; }
.paper small { color: var(--muted); font-size: 12px; flex: none; }

.typing { display: flex; margin-block-start: 12px; padding-inline-start: 36px; }
.typing .dots { display: inline-flex; gap: 4px; padding: 12px 14px; border-radius: 6px 18px 18px 18px; background: var(--surface); }
[dir="rtl"] .typing .dots { border-radius: 18px 6px 18px 18px; }
.dots i { inline-size: 6px; block-size: 6px; border-radius: 50%; background: var(--muted); animation: breathe 1.2s infinite ease-in-out; }
.dots i:nth-child(2) { animation-delay: .15s; } .dots i:nth-child(3) { animation-delay: .3s; }
@keyframes breathe { 0%, 60%, 100% { opacity: .35; transform: none; } 30% { opacity: 1; transform: translateY(-3px); } }

.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 12px; padding-inline-start: 36px; }
.choices button { min-block-size: 38px; padding: 7px 15px; border-radius: 19px; border: 1.5px solid var(--accent-text); color: var(--accent-text); background: var(--bg); font-weight: 550; line-height: 1.35; font-size: 14px; text-align: start; overflow-wrap: anywhere; transition: background .12s, color .12s; animation: appear .2s ease-out backwards; }
.choices button:hover { background: var(--accent-text); color: var(--bg); }
.card { margin: 18px 0 4px; padding: 18px 16px; border: 1px solid var(--line); border-radius: 16px; background: var(--raised); text-align: center; animation: appear .2s ease-out; }
.card fieldset { border: 0; margin: 0; padding: 0; min-inline-size: 0; }
.card legend { padding: 0; margin: 0 auto 8px; font-weight: 650; }
.stars { display: inline-flex; direction: ltr; }
.stars label { position: relative; inline-size: 44px; block-size: 44px; display: grid; place-items: center; cursor: pointer; color: var(--line); border-radius: 10px; }
.stars .icon { font-size: 20px; stroke: var(--muted); stroke-width: 1.3; transition: transform .12s; fill: transparent; }
.stars label.on .icon { fill: #f5a524; stroke: #b97a0b; }
.stars label:hover .icon { transform: scale(1.12); }
.stars input { position: absolute; inset: 0; margin: 0; opacity: 0; cursor: pointer; inline-size: 100%; block-size: 100%; }
.stars label:focus-within { outline: 2px solid var(--accent-text); outline-offset: -2px; }
.card output { display: block; min-block-size: 20px; font-size: 13px; color: var(--muted); margin-block-end: 8px; }
.card textarea { inline-size: 100%; min-block-size: 64px; resize: vertical; border: 1px solid var(--muted); border-radius: 10px; background: var(--bg); padding: 8px 12px; text-align: start; }
.card .row { display: flex; gap: 8px; margin-block-start: 10px; }
.solid, .plain { min-block-size: 42px; padding: 8px 18px; border-radius: 12px; font-weight: 600; flex: 1; }
.solid { background: var(--accent); color: var(--on-accent); }
.solid:disabled { opacity: .5; }
.plain { border: 1px solid var(--line); background: var(--bg); }
.plain:hover { background: var(--hover); }
.again { display: block; margin: 14px auto 6px; }

.jump { position: absolute; z-index: 2; inset-inline-start: 50%; translate: -50% 0; margin-block-start: -46px; min-block-size: 34px; padding: 4px 14px; border-radius: 17px; background: var(--raised); color: var(--text); border: 1px solid var(--line); box-shadow: 0 4px 14px #0f172a29; font-size: 13px; font-weight: 600; display: flex; align-items: center; gap: 6px; }
[dir="rtl"] .jump { translate: 50% 0; }
.jump .icon { font-size: 11px; }
footer { flex: none; padding: 8px 14px 10px; background: var(--bg); position: relative; }
.box { display: flex; align-items: flex-end; gap: 4px; padding: 5px; border: 1.5px solid var(--edge, #858d99); border-radius: 24px; background: var(--bg); transition: border-color .15s, box-shadow .15s; }
.box:focus-within { border-color: var(--accent-text); box-shadow: 0 0 0 1px var(--accent-text); }
.box textarea { flex: 1; min-inline-size: 0; border: 0; background: none; resize: none; padding: 7px 4px; line-height: 1.45; font-size: 16px; max-block-size: 132px; block-size: 38px; outline: none; overflow-y: auto; scrollbar-width: thin; }
.box textarea.secret:not(:placeholder-shown) { -webkit-text-security: disc; }
.box textarea::placeholder { color: var(--muted); opacity: 1; }
.box button { inline-size: 38px; block-size: 38px; border-radius: 50%; display: grid; place-items: center; flex: none; color: var(--muted); transition: background .15s, color .15s, transform .15s; }
.box button:hover { background: var(--hover); color: var(--text); }
.box .icon { font-size: 14px; }
.box .send { background: var(--accent); color: var(--on-accent); }
.box .send:hover { background: var(--accent); color: var(--on-accent); transform: scale(1.06); }
.box .send:disabled { background: var(--surface); color: var(--muted); transform: none; }
[dir="rtl"] .send .icon { transform: scaleX(-1); }
.under { display: flex; align-items: center; justify-content: space-between; gap: 8px; min-block-size: 30px; margin-block-start: 4px; font-size: 12.5px; color: var(--muted); }
.under:not(:has(> :not([hidden]))) { display: none; }
.under button { min-block-size: 28px; padding: 2px 8px; border-radius: 8px; color: var(--muted); display: inline-flex; align-items: center; gap: 6px; margin-inline: auto; }
.under button:hover { color: var(--text); background: var(--hover); }
.under .icon { font-size: 11px; }
.under .over { color: var(--bad); font-weight: 600; }
.tray { display: flex; flex-wrap: wrap; gap: 6px; padding: 2px 4px 8px; margin: 0; list-style: none; }
.tray li { display: flex; align-items: center; gap: 8px; max-inline-size: 100%; padding: 4px 4px 4px 10px; border-radius: 10px; background: var(--surface); font-size: 13px; }
[dir="rtl"] .tray li { padding: 4px 10px 4px 4px; }
.tray bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-inline-size: 180px; }
.tray img { inline-size: 32px; block-size: 32px; border-radius: 6px; object-fit: cover; margin-inline-start: -6px; }
.tray button { inline-size: 28px; block-size: 28px; border-radius: 8px; display: grid; place-items: center; color: var(--muted); }
.tray button:hover { background: var(--hover); color: var(--text); }
.tray .icon { font-size: 10px; stroke-width: 2.4; }
.note { margin: 0 4px 8px; font-size: 13px; color: var(--bad); }
.dropping { position: absolute; inset: 8px; z-index: 8; border: 2px dashed var(--accent-text); border-radius: 14px; background: var(--bg); opacity: .95; display: grid; place-items: center; font-weight: 600; pointer-events: none; }

@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } .scroll { scroll-behavior: auto !important; } }
@media (forced-colors: active) { .panel, .bubble, .launcher, .choices button, .solid, .badge, .send, header { border: 1px solid; } .stars label.on .icon { fill: Highlight; } .icon { forced-color-adjust: auto; } .dots i { background: CanvasText; } .box .send:disabled { border-color: GrayText; } }
`;

  // ——— The element ———

  class CsbotChat extends HTMLElement {
    static observedAttributes = ["lang", "vouch", "dir", "theme"];

    constructor() {
      super();
      this.entries = [];
      this.at = 0;
      this.conversation = null;
      this.status = "none";
      this.holder = "bot";
      this.agent = "";
      this.waiting = false;
      this.rating = null;
      this.readThrough = 0; // of theirs, by us
      this.seenThrough = 0; // of ours, by them
      this.opened = false;
      this.files = [];
      this.drafts = new Map();
      this.timers = {};
      this.controls = []; // frames of buttons pressed while the connection was away
      this.words = {};
      this.ui = null;
    }

    connectedCallback() {
      if (this.started) return;
      this.started = true;
      this.inbox = this.getAttribute("inbox") ?? "";
      const base = this.getAttribute("server") || (here?.src ? new URL(here.src).origin : location.origin);
      this.server = base.replace(/\/+$/, "");
      const prefix = `csbot:${this.server}:${this.inbox}:`;
      this.local = new Memory("localStorage", prefix);
      this.tab = new Memory("sessionStorage", prefix);
      this.mine = this.local;
      this.connection = new Connection(this);
      this.outbox = new Outbox(this);
      this.root ??= this.attachShadow({ mode: "open" }); // taken out and put back: the same root
      this.sheet = new CSSStyleSheet();
      this.sheet.replaceSync(STYLE);
      this.root.adoptedStyleSheets = [this.sheet];
      this.listen();
      this.begin();
    }

    disconnectedCallback() {
      // Moving the element within the page takes it out and puts it back at once: only a real farewell counts.
      setTimeout(() => {
        if (this.isConnected) return;
        this.connection.stop();
        this.farewell?.abort();
        this.started = false;
      }, 0);
    }

    attributeChangedCallback(name, before, after) {
      if (!this.started || before === after) return;
      if (name === "dir") this.direct();
      if (name === "lang" || name === "vouch") this.reload();
    }

    listen() {
      this.farewell = new AbortController();
      const { signal } = this.farewell;
      addEventListener("online", () => this.connection.again(), { signal });
      addEventListener("offline", () => this.showBanner(), { signal });
      addEventListener("pageshow", (event) => event.persisted && this.connection.restart(), { signal });
      addEventListener("pagehide", () => this.tellRead(true), { signal });
      document.addEventListener(
        "visibilitychange",
        () => {
          if (document.visibilityState === "visible") {
            this.connection.again();
            this.noteRead();
          } else this.tellRead(true);
          this.showUnread();
        },
        { signal },
      );
      window.visualViewport?.addEventListener("resize", () => this.fit(), { signal });
      // The page's language or direction may change while it stands.
      this.watcher = new MutationObserver(() => {
        this.direct();
        if (this.session && this.session.asked !== this.wantedLanguage()) this.reload();
      });
      this.watcher.observe(document.documentElement, { attributes: true, attributeFilter: ["lang", "dir"] });
      signal.addEventListener("abort", () => this.watcher.disconnect());
    }

    pageLanguage() {
      return this.getAttribute("lang") || document.documentElement.lang || navigator.language || "en";
    }

    /** What the visitor chose in the menu, for as long as the page speaks the language it spoke then. */
    wantedLanguage() {
      const chosen = this.local.get("language");
      return chosen?.page === this.pageLanguage() ? chosen.code : this.pageLanguage();
    }

    async begin(attempt = 0) {
      let session;
      try {
        session = await this.connection.fresh();
      } catch (problem) {
        if (problem.final) {
          console.error(`csbot: ${problem.message}`);
          if (this.hasAttribute("inline")) this.root.append(el("p", { text: problem.message }));
          return;
        }
        setTimeout(() => this.begin(attempt + 1), Math.random() * Math.min(BACKOFF_SECONDS, 2 ** attempt) * 1000);
        return;
      }
      this.know(session);
      const reopen = this.hasAttribute("inline") || this.hasAttribute("open") || this.tab.get("open");
      if (reopen) this.open(false);
      else if (session.open) this.connection.connect();
    }

    async reload() {
      clearTimeout(this.timers.reload);
      this.timers.reload = setTimeout(async () => {
        try {
          this.know(await this.connection.fresh(true));
          this.connection.restart();
        } catch {
          /* the old language and the old session go on */
        }
      }, 0);
    }

    /** Takes in what the session says of visitor, look and language. */
    know(session) {
      const asked = this.wantedLanguage();
      session.asked = asked;
      const somebodyElse = this.session && this.session.you !== session.you;
      const looksTheSame = this.session && this.ui && this.session.language === session.language && this.session.inbox.colour === session.inbox.colour;
      this.session = session;
      this.words = session.wording;
      if (somebodyElse) this.forget();
      if (somebodyElse || this.mine === this.local) {
        this.mine = new Memory("localStorage", `${this.local.prefix}${session.you}:`);
        this.outbox = new Outbox(this);
        this.outbox.restore();
      }
      if (!looksTheSame || somebodyElse) this.render();
    }

    forget() {
      Object.assign(this, { entries: [], at: 0, conversation: null, status: "none", holder: "bot", agent: "", waiting: false, rating: null, readThrough: 0, seenThrough: 0 });
      this.drafts.clear();
    }

    say(key, values) {
      return fill(this.words[key] ?? key, values);
    }

    // ——— Building the page's part ———

    render() {
      const { session } = this;
      const { colour } = session.inbox;
      this.style.setProperty("--accent", colour);
      this.style.setProperty("--on-accent", textOn(colour));
      this.style.setProperty("--accent-light", readable(colour, "#e9ecef"));
      this.style.setProperty("--accent-dark", readable(colour, "#2d333d"));
      const hadFocus = this.root.activeElement?.dataset.part;
      const text = this.ui?.input.value ?? this.tab.get("draft") ?? "";
      const say = (key, values) => this.say(key, values);
      const ui = {};
      const side = this.getAttribute("side") || session.inbox.side;

      ui.badge = el("span", { class: "badge", "aria-hidden": "true", hidden: true });
      ui.launcher = el("button", { class: "launcher", part: "launcher", type: "button", "data-part": "launcher", "aria-expanded": String(this.opened), "aria-controls": "panel", onclick: () => (this.opened ? this.close() : this.open()) },
        icon("chat", true), icon("down"), ui.badge);
      ui.launcher.children[0].classList.add("when-shut");
      ui.launcher.children[1].classList.add("when-open");

      ui.title = el("h2", { id: "title", dir: "auto" });
      ui.subtitle = el("p", { dir: "auto" });
      ui.headFace = el("span", { class: "face", "aria-hidden": "true" });
      ui.more = el("button", { class: "more", type: "button", "aria-label": say("menu"), "aria-expanded": "false", "aria-controls": "menu", "data-part": "more", onclick: () => this.toggleMenu() }, icon("more"));
      ui.hide = el("button", { type: "button", "aria-label": say("minimise"), "data-part": "hide", onclick: () => this.close() }, icon("down"));
      if (this.hasAttribute("inline")) ui.hide.hidden = true;
      const header = el("header", {}, ui.headFace, el("div", { class: "names" }, ui.title, ui.subtitle), el("div", { class: "tools" }, ui.more, ui.hide));
      ui.menu = el("div", { class: "menu", id: "menu", hidden: true });

      ui.banner = el("div", { class: "banner", hidden: true });
      ui.elsewhere = el("button", { class: "banner", type: "button", hidden: true, text: say("elsewhere"), onclick: () => this.connection.again() });
      ui.live = el("div", { class: "hidden", role: "status" });

      ui.intro = el("p", { class: "intro", text: say("is_bot", { name: session.inbox.bot }) });
      ui.log = el("div", { class: "log", role: "log", "aria-label": say("conversation"), "aria-live": "off", "aria-relevant": "additions" });
      ui.pending = el("div", { class: "pending" });
      ui.drafts = el("div", { class: "drafts", "aria-hidden": "true" });
      ui.typing = el("div", { class: "typing", "aria-hidden": "true", hidden: true }, el("span", { class: "dots" }, el("i"), el("i"), el("i")));
      ui.choices = el("div", { class: "choices", role: "group", "aria-label": say("choices"), hidden: true });
      ui.after = el("div", { class: "after" });
      ui.scroll = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("conversation"), onscroll: () => this.scrolled() },
        el("div", { class: "top" }, ui.intro), ui.log, ui.pending, ui.drafts, ui.typing, ui.choices, ui.after);
      ui.jump = el("button", { class: "jump", type: "button", hidden: true, onclick: () => this.toNewest(true) }, icon("down"), el("span", { text: say("jump") }));

      ui.note = el("p", { class: "note", role: "alert", hidden: true });
      ui.tray = el("ul", { class: "tray", hidden: true });
      ui.picker = el("input", { class: "hidden", type: "file", multiple: true, tabindex: "-1", "aria-hidden": "true", accept: session.limits.types.join(","), onchange: () => { this.attach(ui.picker.files); ui.picker.value = ""; } });
      ui.clip = el("button", { type: "button", "aria-label": say("attach"), title: say("attach"), "data-part": "clip", onclick: () => ui.picker.click() }, icon("clip"));
      ui.input = el("textarea", { rows: "1", "aria-label": say("message"), dir: "auto", "data-part": "input", enterkeyhint: "send", autocomplete: "off",
        oninput: () => this.typed(), onkeydown: (event) => this.pressed(event), onpaste: (event) => this.pasted(event) });
      ui.input.value = text;
      ui.send = el("button", { class: "send", type: "submit", "aria-label": say("send"), title: say("send"), "data-part": "send", disabled: true }, icon("send"));
      ui.count = el("span", { hidden: true });
      ui.person = el("button", { type: "button", "data-part": "person", onclick: () => this.askForPerson() }, icon("person"), el("span", { text: say("person") }));
      const form = el("form", { onsubmit: (event) => { event.preventDefault(); this.submit(); } },
        ui.note, ui.tray, el("div", { class: "box" }, ui.picker, ui.clip, ui.input, ui.send), el("div", { class: "under" }, ui.count, ui.person));
      ui.dropping = el("div", { class: "dropping", hidden: true, text: say("drop") });
      ui.panel = el("section", { class: "panel", part: "panel", id: "panel", role: "dialog", "aria-labelledby": "title", hidden: !this.opened, tabindex: "-1", onkeydown: (event) => this.keyed(event),
        ondragenter: (event) => this.dragged(event), ondragover: (event) => this.dragged(event), ondragleave: (event) => this.dragged(event), ondrop: (event) => this.dropped(event) },
        header, ui.menu, ui.banner, ui.elsewhere, ui.live, ui.scroll, el("footer", {}, ui.jump, form), ui.dropping);
      ui.frame = el("div", { class: `frame quiet${side === "left" ? " left" : ""}${this.opened ? " opened" : ""}` }, ui.panel, ui.launcher);
      this.ui = ui;
      this.root.replaceChildren(ui.frame);
      ui.frame.lang = session.language === "zh" ? "zh-Hans" : session.language;
      this.direct();
      this.last = null;
      for (const entry of this.entries) this.show(entry, true);
      for (const item of this.outbox.items) this.showPending(item);
      this.refresh();
      this.showTray();
      this.grow();
      this.toNewest();
      if (hadFocus) ui.panel.querySelector(`[data-part="${hadFocus}"]`)?.focus();
    }

    direct() {
      if (!this.ui) return;
      const own = this.getAttribute("dir") || document.documentElement.dir || getComputedStyle(document.documentElement).direction;
      this.ui.frame.dir = own === "rtl" ? "rtl" : "ltr";
    }

    face(into, sender, name) {
      const { logo } = this.session.inbox;
      if (sender === "agent") into.replaceChildren([...(name || "?")][0].toUpperCase());
      else if (logo) into.replaceChildren(el("img", { src: this.server + logo, alt: "" }));
      else into.replaceChildren(icon("bot"));
    }

    /** Everything that follows from the conversation's state rather than from one entry. */
    refresh() {
      const { ui, session } = this;
      if (!ui) return;
      const withAgent = this.holder === "agent";
      const agent = this.agent || this.say("someone");
      ui.title.textContent = withAgent ? agent : session.inbox.name;
      ui.subtitle.textContent = withAgent ? session.inbox.name : this.waiting ? this.say("waiting") : `${session.inbox.bot} · ${this.say("is_bot_short")}`;
      this.face(ui.headFace, withAgent ? "agent" : "bot", agent);
      ui.person.hidden = withAgent || this.waiting;
      ui.input.classList.toggle("secret", this.secret);
      const closed = this.status === "closed";
      ui.input.placeholder = this.say(closed ? "placeholder_closed" : "placeholder");
      this.showChoices();
      this.showAfter();
      this.showStates();
      this.showUnread();
      this.canSend();
    }

    toggleMenu(shown = this.ui.menu.hidden) {
      const { menu, more } = this.ui;
      more.setAttribute("aria-expanded", String(shown));
      menu.hidden = !shown;
      if (!shown) return;
      const row = (name, words, action, extra = "") => el("button", { type: "button", class: extra, onclick: action }, icon(name), el("span", { text: words }));
      const leave = (action) => () => {
        this.toggleMenu(false);
        this.ui.input.focus();
        action();
      };
      const rows = [];
      if (!this.ui.person.hidden) rows.push(row("person", this.say("person"), leave(() => this.askForPerson())));
      if (this.status === "open") {
        rows.push(row("close", this.say("end"), () => {
          menu.replaceChildren(
            el("p", { class: "sure", text: this.say("end_sure") }),
            row("check", this.say("end_yes"), leave(() => this.command({ type: "end" })), "danger"),
            row("close", this.say("cancel"), leave(() => {})),
          );
          menu.querySelector("button").focus();
        }));
      } else rows.push(row("chat", this.say("new"), leave(() => this.startAnew())));
      const languages = this.session.languages.filter((code) => LANGUAGE_NAMES[code]);
      if (languages.length > 1) {
        rows.push(el("div", { class: "languages", role: "group", "aria-label": this.say("language") }, ...languages.map((code) =>
          el("button", { type: "button", lang: code, "aria-pressed": String(code === this.session.language), text: LANGUAGE_NAMES[code], onclick: () => this.speak(code) }))));
      }
      menu.replaceChildren(...rows);
      menu.querySelector("button")?.focus();
    }

    speak(language) {
      this.toggleMenu(false);
      this.ui.more.focus();
      this.local.set("language", { code: language, page: this.pageLanguage() });
      this.reload();
    }

    // ——— Opening and closing ———

    open(byHand = true) {
      if (!this.ui || this.opened) return;
      this.opened = true;
      this.tab.set("open", true);
      const { panel, frame, launcher, input } = this.ui;
      panel.hidden = false;
      frame.classList.add("opened");
      frame.classList.toggle("quiet", !byHand);
      launcher.setAttribute("aria-expanded", "true");
      this.fit();
      this.refresh();
      this.toNewest();
      if (byHand) (matchMedia("(pointer: coarse)").matches ? panel : input).focus();
      if (this.connection.ready) this.arrive();
      else this.connection.connect();
      this.noteRead();
      this.dispatchEvent(new CustomEvent("csbot-open", { bubbles: true }));
    }

    close() {
      if (!this.opened || this.hasAttribute("inline")) return;
      this.opened = false;
      this.tab.remove("open");
      const { panel, frame, launcher } = this.ui;
      this.toggleMenu(false);
      panel.hidden = true;
      frame.classList.remove("opened");
      launcher.setAttribute("aria-expanded", "false");
      launcher.focus();
      this.tellRead(true);
      this.showUnread();
      this.dispatchEvent(new CustomEvent("csbot-close", { bubbles: true }));
    }

    /** Full screen on a phone: the keyboard takes its share of the height. */
    fit() {
      const view = window.visualViewport;
      if (view && this.ui) this.style.setProperty("--visible", `${Math.round(view.height)}px`);
    }

    get fillsScreen() {
      return !this.hasAttribute("inline") && matchMedia("(max-width: 480px), (max-height: 460px)").matches;
    }

    keyed(event) {
      if (event.key === "Escape" && !event.isComposing) {
        event.stopPropagation();
        if (!this.ui.menu.hidden) {
          this.toggleMenu(false);
          this.ui.more.focus();
        } else this.close();
      } else if (event.key === "Tab" && this.fillsScreen) {
        // Nothing of the page is visible behind the full-screen chat: focus stays in it.
        const stops = [...this.ui.panel.querySelectorAll("button, textarea, a[href], input:not([tabindex='-1']), [tabindex='0']")].filter((node) => !node.disabled && node.getClientRects().length);
        const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
        if (this.root.activeElement === edge) {
          event.preventDefault();
          (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
        }
      }
    }

    // ——— What the server says ———

    take(frame) {
      switch (frame.type) {
        case "ready": return this.readied(frame);
        case "entry": return this.entered(frame);
        case "ack": return this.acknowledged(frame);
        case "error": return this.erred(frame);
        case "draft": return this.drafted(frame);
        case "draft_withdrawn": return this.withdrawn(frame);
        case "typing": return this.showTyping(frame.on ? frame.sender : null, frame.name);
        default: return undefined; // a newer server's word: not for us
      }
    }

    readied(frame) {
      if (frame.conversation !== this.conversation || frame.after < this.at) {
        this.forget();
        this.conversation = frame.conversation;
        this.render();
      }
      Object.assign(this, { status: frame.status, holder: frame.holder, agent: frame.agent, rating: frame.rating, replayTo: frame.last_seq });
      this.outbox.interrupted();
      this.outbox.restore();
      this.refresh();
      if (this.at >= this.replayTo) this.arrive();
    }

    /** Everything that was missed is here: go on. */
    arrive() {
      this.ui.log.setAttribute("aria-live", "polite");
      setTimeout(() => this.ui.frame.classList.remove("quiet"), 300);
      for (const frame of this.controls.splice(0)) this.connection.send(frame);
      if (this.opened && this.status === "none" && !this.outbox.items.length) this.connection.send({ type: "start" });
      this.outbox.flush();
      this.noteRead();
    }

    entered(entry) {
      if (entry.seq <= this.at) return;
      if (entry.seq !== this.at + 1) {
        // A gap always means loss: ask again from where we are.
        this.connection.lost(1006);
        return;
      }
      this.at = entry.seq;
      if (entry.kind) {
        this.entries.push(entry);
        this.show(entry, entry.seq <= this.replayTo);
      }
      if (entry.seq === this.replayTo) this.arrive();
    }

    acknowledged({ client_id, seq }) {
      const item = this.outbox.done(client_id);
      if (!item) return;
      if (seq <= this.at) this.pendingNode(client_id)?.remove();
      else this.showPending({ ...item, state: "sent" });
      if (this.holder === "bot" && !this.waiting) this.expectBot();
    }

    erred({ code, message, retry_after, client_id }) {
      if (client_id) this.outbox.refused(client_id, { code, retry_after });
      else console.warn(`csbot: ${code}: ${message}`);
    }

    /** The bot is at work on what was just said: dots, until it speaks or has taken too long to pretend. */
    expectBot() {
      clearTimeout(this.timers.expect);
      this.timers.expect = setTimeout(() => this.showTyping("bot", this.session.inbox.bot, 15), 350);
    }

    drafted({ turn, attempt, index, text }) {
      let draft = this.drafts.get(turn);
      if (!draft || draft.attempt !== attempt) {
        draft?.node.remove();
        const bubble = el("div", { class: "bubble", dir: "auto" });
        draft = { attempt, parts: [], bubble, node: el("div", { class: "msg bot draft joined" }, el("span", { class: "face" }), el("div", { class: "body" }, bubble)) };
        this.drafts.set(turn, draft);
        this.ui.drafts.append(draft.node);
      }
      draft.parts[index] = text;
      draft.bubble.replaceChildren(markdown(draft.parts.filter(Boolean).join(" "), this.server));
      this.showTyping(null);
      this.follow();
    }

    withdrawn({ turn }) {
      this.drafts.get(turn)?.node.remove();
      this.drafts.delete(turn);
    }

    // ——— Showing entries ———

    show(entry, old = false) {
      const theirs = entry.sender === "bot" || entry.sender === "agent";
      switch (entry.kind) {
        case "message":
        case "transcript":
          if (entry.data.client_id) {
            this.pendingNode(entry.data.client_id)?.remove();
            this.outbox.done(entry.data.client_id);
          }
          if (theirs) {
            this.showTyping(null);
            for (const draft of this.drafts.values()) draft.node.remove();
            this.drafts.clear();
          }
          this.append(entry, this.message(entry));
          break;
        case "status":
          this.statusChanged(entry, old);
          break;
        case "read":
          if (entry.sender === "agent") this.seenThrough = Math.max(this.seenThrough, entry.data.through ?? 0);
          else if (entry.sender === "customer") this.readThrough = Math.max(this.readThrough, entry.data.through ?? 0);
          break;
        case "rating":
          this.rating = entry.data.rating ?? this.rating;
          break;
      }
      if (old && entry.seq < this.replayTo) return;
      this.refresh();
      if (entry.kind !== "read") this.follow(theirs ? this.last?.node : null, !theirs);
      if (theirs) this.noteRead();
    }

    append(entry, node) {
      const at = new Date(entry.at);
      const day = at.toDateString();
      if (this.last?.day !== day) {
        this.ui.log.append(el("div", { class: "day", text: this.dayName(at) }));
        node.classList.remove("joined");
      }
      this.ui.log.append(node);
      this.last = { sender: entry.sender, name: entry.name, at, day, node, message: entry.kind !== "status" };
    }

    message(entry) {
      const { sender, name, text, data } = entry;
      const own = sender === "customer";
      const at = new Date(entry.at);
      const joined = this.last?.message && this.last.sender === sender && this.last.name === name && at - this.last.at < GROUP_MINUTES * 60000;
      const bubble = el("div", { class: "bubble", dir: "auto", lang: data.language || null });
      const words = text || (own && data.choice === "person" ? this.say("person") : "");
      if (sender === "bot") bubble.append(markdown(words, this.server));
      else inline(words, this.server, bubble);
      const body = el("div", { class: "body" }, this.who(sender, name), words ? bubble : null, ...this.attached(data.attachments));
      if (data.sources?.length) {
        const titles = data.sources.map((source) => el("bdi", { text: source.title }));
        const [before, after] = this.say("from_source", { title: "\u0000" }).split("\u0000");
        body.append(el("div", { class: "sources", dir: "auto" }, before, ...titles, after ?? ""));
      }
      const time = el("time", { datetime: entry.at, text: this.clock(at) });
      body.append(el("div", { class: "meta" }, time, el("span", { class: "state" })));
      const node = el("div", { class: `msg ${own ? "own" : sender}${joined ? " joined" : ""}`, "data-seq": entry.seq }, body);
      if (!own) {
        const face = el("span", { class: "face", "aria-hidden": "true" });
        this.face(face, sender, name);
        node.prepend(face);
      }
      return node;
    }

    who(sender, name) {
      if (sender === "customer") return el("span", { class: "hidden", text: `${this.say("you")}: ` });
      const called = name || (sender === "bot" ? this.session.inbox.bot : this.say("someone"));
      return el("span", { class: "who" }, el("bdi", { text: called }), el("span", { class: "tag", text: this.say(sender) }));
    }

    attached(files = []) {
      return files.map((file) => {
        const href = safeLink(file.url, this.server);
        if (!href) return null;
        const link = { href, target: "_blank", rel: "noopener noreferrer" };
        if (file.content_type?.startsWith("image/")) {
          const picture = el("img", { src: href, alt: this.say("image", { name: file.name }), loading: "lazy" });
          picture.addEventListener("load", () => this.follow());
          return el("a", { ...link, class: "picture" }, picture);
        }
        const label = this.say("download", { name: file.name, size: fileSize(file.size) });
        return el("a", { ...link, class: "paper", "aria-label": label }, icon("file"), el("bdi", { text: file.name }), el("small", { text: fileSize(file.size) }));
      });
    }

    statusChanged(entry, old) {
      const { data } = entry;
      const agent = data.agent || this.agent || this.say("someone");
      const words = {
        queued: data.position > 1 ? ["status_queued_position", { position: data.position }] : data.position === 1 ? ["status_queued_next"] : ["status_queued"],
        requeued: ["status_requeued"],
        left_queue: ["status_left_queue"],
        taken: ["status_taken", { agent }],
        handed_back: ["status_handed_back", { agent }],
        ticket: ["status_ticket"],
        closed: data.by === "customer" ? ["status_closed_customer"] : data.by === "agent" ? ["status_closed_agent", { agent }] : ["status_closed"],
      }[data.status];
      if (data.status === "taken") Object.assign(this, { holder: "agent", agent, waiting: false });
      else if (data.status === "queued" || data.status === "requeued") Object.assign(this, { holder: "bot", agent: "", waiting: true });
      else Object.assign(this, { holder: "bot", waiting: false });
      if (data.status === "closed") this.status = "closed";
      if (words) this.append(entry, el("div", { class: "line", dir: "auto", text: this.say(...words) }));
      if (data.status === "queued" || data.status === "closed") this.showTyping(null);
      if (!old && words) this.announce(this.say(...words));
    }

    showChoices() {
      const { choices } = this.ui;
      const newest = this.entries.findLast((entry) => entry.kind === "message");
      const buttons = this.status === "open" && newest?.sender === "bot" && !this.outbox.items.length ? newest.data.buttons ?? [] : [];
      const key = JSON.stringify([newest?.seq, buttons]);
      if (this.shownChoices === key && choices.childElementCount === buttons.length) return;
      this.shownChoices = key;
      choices.replaceChildren(...buttons.map(({ title, value }) =>
        el("button", { type: "button", dir: "auto", text: title, onclick: () => {
          this.outbox.add({ text: title, choice: value });
          this.ui.input.focus();
        } })));
      choices.hidden = !buttons.length;
      if (buttons.length) this.follow();
    }

    showAfter() {
      const { after } = this.ui;
      const spoke = this.entries.some((entry) => entry.kind === "message" && entry.sender === "customer");
      const stage = this.status !== "closed" ? "" : this.rating ? "rated" : spoke ? "ask" : "again";
      if (after.dataset.stage === stage && after.childElementCount) return;
      after.dataset.stage = stage;
      const again = () => el("button", { class: "plain again", type: "button", text: this.say("new"), onclick: () => this.startAnew() });
      if (!stage) after.replaceChildren();
      else if (stage === "ask") after.replaceChildren(this.rateCard(), again());
      else if (stage === "rated") after.replaceChildren(el("p", { class: "line" }, this.say("rate_thanks")), again());
      else after.replaceChildren(again());
    }

    rateCard() {
      const spoken = el("output", { text: "" });
      const send = el("button", { class: "solid", type: "submit", text: this.say("rate_send"), disabled: true });
      const comment = el("textarea", { "aria-label": this.say("rate_comment"), placeholder: this.say("rate_comment"), maxlength: "2000", dir: "auto" });
      const labels = [1, 2, 3, 4, 5].map((value) => el("label", {}, icon("star"), el("input", { type: "radio", name: "rating", value: String(value), "aria-label": this.say(`rate_${value}`), onchange: () => choose(value) })));
      const choose = (value) => {
        labels.forEach((label, index) => label.classList.toggle("on", index < value));
        spoken.textContent = this.say(`rate_${value}`);
        send.disabled = false;
        send.dataset.value = String(value);
      };
      return el("form", { class: "card", onsubmit: (event) => {
        event.preventDefault();
        this.command({ type: "rating", value: Number(send.dataset.value), comment: comment.value.trim() });
        this.rating = Number(send.dataset.value);
        this.announce(this.say("rate_thanks"));
        this.refresh();
        this.follow();
        this.ui.after.querySelector("button")?.focus();
      } },
        el("fieldset", {}, el("legend", { text: this.say("rate_question") }), el("div", { class: "stars" }, ...labels)), spoken, comment, el("div", { class: "row" }, send));
    }

    showStates() {
      const nodes = [...this.ui.log.querySelectorAll(".msg.own")];
      const newest = this.entries.findLast((entry) => entry.kind === "message" && entry.sender !== "system");
      for (const node of nodes.slice(0, -1)) node.querySelector(".state").textContent = "";
      const last = nodes.at(-1);
      if (!last) return;
      const seq = Number(last.dataset.seq);
      const answered = newest && newest.sender !== "customer";
      last.querySelector(".state").textContent = seq <= this.seenThrough ? this.say("read") : answered ? "" : this.say("sent");
    }

    pendingNode(client_id) {
      return this.ui?.pending.querySelector(`[data-client="${client_id}"]`);
    }

    showPending(item) {
      if (!this.ui) return;
      const bubble = item.text ? el("div", { class: "bubble", dir: "auto" }, item.secret ? "••••••" : item.text) : null;
      const meta = el("div", { class: item.state === "failed" || item.state === "refused" ? "meta loud" : "meta" });
      if (item.state === "failed") {
        const why = item.code === "too_long" ? this.say("too_long", { count: item.text.length, limit: this.session.limits.text }) : this.say(item.code === "rate" ? "failed" : "refused_text");
        meta.append(el("span", { class: "problem", text: why }),
          el("button", { type: "button", text: this.say("retry"), onclick: () => this.outbox.retry(item.client_id) }),
          el("button", { type: "button", text: this.say("discard"), onclick: () => { this.outbox.done(item.client_id); this.pendingNode(item.client_id)?.remove(); this.refresh(); } }));
      } else if (item.state === "refused") meta.append(el("span", { text: this.say("refused_wait", { seconds: Math.max(1, Math.ceil((item.again_at - Date.now()) / 1000)) }) }));
      else meta.append(el("span", { text: this.say(item.state === "sent" ? "sent" : "sending") }));
      const node = el("div", { class: `msg own${item.state === "sent" ? "" : " unsent"}`, "data-client": item.client_id },
        el("div", { class: "body" }, this.who("customer", ""), bubble, ...this.attached(item.attachments), meta));
      const before = this.pendingNode(item.client_id);
      if (before) before.replaceWith(node);
      else {
        this.ui.pending.append(node);
        this.showChoices();
        this.follow(null, true);
      }
      if (item.state === "failed") this.announce(this.say("failed"));
    }

    showTyping(sender, name = "", seconds = 6) {
      const { typing } = this.ui;
      clearTimeout(this.timers.expect);
      clearTimeout(this.timers.typing);
      if (!sender) {
        typing.hidden = true;
        return;
      }
      if (typing.hidden && sender === "agent") this.announce(this.say("typing", { name: name || this.agent || this.say("someone") }));
      typing.hidden = false;
      this.follow();
      this.timers.typing = setTimeout(() => (typing.hidden = true), seconds * 1000);
    }

    announce(words) {
      const { live } = this.ui;
      live.textContent = "";
      setTimeout(() => (live.textContent = words), 50);
    }

    connectionChanged(state) {
      clearTimeout(this.timers.banner);
      this.why = arguments[1] || "";
      if (state === "ready") {
        if (this.ui && !this.ui.banner.hidden && this.everReady) this.announce(this.say("resumed"));
        this.everReady = true;
        this.showBanner();
      } else {
        this.outbox.interrupted();
        // A blink of the connection is not worth a word.
        this.timers.banner = setTimeout(() => this.showBanner(), state === "stopped" || state === "elsewhere" ? 0 : 1200);
      }
    }

    showBanner() {
      if (!this.ui) return;
      const { banner, elsewhere } = this.ui;
      const { state } = this.connection;
      elsewhere.hidden = state !== "elsewhere";
      const words =
        state === "stopped" ? this.say(this.why || "forbidden")
        : state === "ready" || state === "idle" || state === "elsewhere" ? ""
        : !navigator.onLine ? this.say("offline")
        : this.say(this.everReady ? "reconnecting" : "connecting");
      if (banner.hidden === !words && banner.textContent === words) return;
      banner.hidden = !words;
      banner.replaceChildren(...(words ? [state === "stopped" || !navigator.onLine ? "" : el("span", { class: "spin" }), words] : []));
      if (words && this.opened) this.announce(words);
    }

    // ——— Reading ———

    get unread() {
      return this.entries.filter((entry) => entry.kind === "message" && entry.sender !== "customer" && entry.seq > this.readThrough);
    }

    get looking() {
      return this.opened && document.visibilityState === "visible";
    }

    noteRead() {
      const newest = this.looking ? this.unread.at(-1) : null;
      if (!newest || this.at < (this.replayTo ?? 0)) return;
      this.readThrough = newest.seq;
      this.readUntold = newest.seq;
      this.showUnread();
      clearTimeout(this.timers.read);
      // A person waits for the mark; for the bot it only keeps the badge right after a reload.
      this.timers.read = setTimeout(() => this.tellRead(), newest.sender === "agent" ? 400 : 3000);
    }

    tellRead() {
      clearTimeout(this.timers.read);
      if (this.readUntold && this.connection.send({ type: "read", through: this.readUntold })) this.readUntold = 0;
    }

    showUnread() {
      if (!this.ui) return;
      const count = this.looking ? 0 : this.unread.length;
      const { badge, launcher } = this.ui;
      badge.hidden = !count;
      badge.textContent = count > 9 ? "9+" : String(count);
      launcher.setAttribute("aria-label", this.opened ? this.say("minimise") : count ? this.say("launcher_unread", { count }) : this.say("launcher"));
      const bare = document.title.replace(/^\(\d+\) /, "");
      const titled = count && document.visibilityState !== "visible" ? `(${count}) ${bare}` : bare;
      if (document.title !== titled) document.title = titled;
      if (this.toldUnread !== count) {
        this.toldUnread = count;
        this.dispatchEvent(new CustomEvent("csbot-unread", { bubbles: true, detail: { count } }));
      }
    }

    get atNewest() {
      const { scroll } = this.ui;
      return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 96;
    }

    /** Keeps the newest in view, unless the reader has scrolled back to something older. */
    follow(node = null, always = false) {
      if (!this.ui || this.ui.panel.hidden) return;
      if (!always && !this.sticks) {
        this.ui.jump.hidden = false;
        return;
      }
      const { scroll } = this.ui;
      // Of an answer longer than the window, the beginning is what one reads first.
      if (node && node.offsetHeight > scroll.clientHeight * 0.85) scroll.scrollTop = node.offsetTop - scroll.offsetTop - 12;
      else scroll.scrollTop = scroll.scrollHeight;
      this.sticks = true;
    }

    scrolled() {
      this.sticks = this.atNewest;
      if (this.sticks) this.ui.jump.hidden = true;
    }

    toNewest(focus = false) {
      const { scroll, jump } = this.ui;
      scroll.scrollTop = scroll.scrollHeight;
      this.sticks = true;
      jump.hidden = true;
      if (focus) scroll.focus();
    }

    /** In the interface's language, as the reader's own region writes it. */
    format(options) {
      const { language } = this.session;
      const regional = navigator.languages?.find((tag) => tag.split("-")[0] === language);
      return new Intl.DateTimeFormat(regional ?? (language === "zh" ? "zh-CN" : language), options);
    }

    clock(at) {
      return this.format({ hour: "numeric", minute: "2-digit" }).format(at);
    }

    dayName(at) {
      const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86400000);
      if (days === 0) return this.say("today");
      if (days === 1) return this.say("yesterday");
      return this.format({ weekday: "long", day: "numeric", month: "long", ...(days > 300 ? { year: "numeric" } : {}) }).format(at);
    }

    // ——— Writing ———

    /** Whether the bot has just asked for something that is neither shown nor kept. */
    get secret() {
      const newest = this.entries.findLast((entry) => entry.kind === "message");
      return Boolean(newest?.sender === "bot" && newest.data.expects?.secret);
    }

    typed() {
      if (!this.secret) this.tab.set("draft", this.ui.input.value);
      this.grow();
      this.canSend();
      if (this.holder !== "agent") return;
      const now = Date.now();
      if (now - (this.toldTyping ?? 0) > 3000 && this.ui.input.value) {
        this.toldTyping = now;
        this.connection.send({ type: "typing", on: true });
      }
      clearTimeout(this.timers.typed);
      this.timers.typed = setTimeout(() => this.stopTyping(), 4000);
    }

    stopTyping() {
      clearTimeout(this.timers.typed);
      if (this.toldTyping) this.connection.send({ type: "typing", on: false });
      this.toldTyping = 0;
    }

    grow() {
      const { input } = this.ui;
      input.style.blockSize = "38px";
      if (input.scrollHeight > 40) input.style.blockSize = `${Math.min(132, input.scrollHeight)}px`;
    }

    canSend() {
      const { input, send, count } = this.ui;
      const { text: limit } = this.session.limits;
      const length = input.value.length;
      const over = length > limit;
      count.hidden = length < limit * 0.9;
      count.className = over ? "over" : "";
      count.textContent = over ? this.say("too_long", { count: length, limit }) : this.say("characters_left", { count: limit - length });
      send.disabled = over || this.files.some((file) => !file.id) || !(input.value.trim() || this.files.length);
    }

    pressed(event) {
      // The Enter that accepts an input method's suggestion belongs to the input method; Safari ends the
      // composition before the key goes down and marks it with 229 only.
      if (event.key !== "Enter" || event.shiftKey || event.altKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    }

    submit() {
      const { input, send } = this.ui;
      this.canSend();
      // Enter while a file is still on its way: the message goes when the file is there.
      this.sendsLater = this.files.some((file) => !file.id);
      if (send.disabled) return;
      const attachments = this.files.map(({ id, name, content_type, size, url }) => ({ id, name, content_type, size, url }));
      this.outbox.add({ text: input.value.trim(), ...(this.secret ? { secret: true } : {}), ...(attachments.length ? { attachments } : {}) });
      input.value = "";
      this.files = [];
      this.tab.remove("draft");
      this.stopTyping();
      this.note("");
      this.showTray();
      this.grow();
      this.canSend();
      input.focus();
      if (!this.connection.ready) this.connection.connect();
    }

    /** A press of a button that is not a message. Kept, in this tab, until the connection is there. */
    command(frame) {
      if (!this.connection.ready || !this.connection.send(frame)) this.controls.push(frame);
    }

    askForPerson() {
      // A message like any other, so that it is kept and sent again like any other.
      this.outbox.add({ text: this.say("person"), choice: "person" });
    }

    startAnew() {
      this.command({ type: "start" });
      this.ui.input.focus();
    }

    // ——— Files ———

    note(words) {
      this.ui.note.hidden = !words;
      this.ui.note.textContent = words;
    }

    attach(list) {
      const { limits } = this.session;
      this.note("");
      for (const file of list) {
        if (this.files.length >= limits.files) {
          this.note(this.say("files_many", { limit: limits.files }));
          break;
        }
        const name = file.name || "image.png";
        if (!file.size) this.note(this.say("empty_file", { name }));
        else if (file.size > limits.file) this.note(this.say("file_too_large", { name, limit: fileSize(limits.file) }));
        else this.upload(file, name);
      }
    }

    async upload(file, name) {
      const item = { name, preview: file.type.startsWith("image/") ? URL.createObjectURL(file) : "" };
      this.files.push(item);
      this.showTray();
      this.announce(this.say("uploading", { name }));
      try {
        const answer = await this.post(file, name);
        Object.assign(item, answer);
      } catch (problem) {
        this.files = this.files.filter((each) => each !== item);
        const key = { file_too_large: "file_too_large", file_type: "file_type", empty_file: "empty_file" }[problem.code] ?? "file_failed";
        this.note(this.say(key, { name, limit: fileSize(this.session.limits.file) }));
      }
      this.showTray();
      this.ui.input.focus();
      if (this.sendsLater) this.submit();
    }

    async post(file, name, again = true) {
      const session = await this.connection.fresh();
      const body = new FormData();
      body.append("file", file, name);
      body.append("language", session.language);
      const answer = await fetch(this.server + session.upload, { method: "POST", credentials: "omit", headers: { Authorization: `Bearer ${session.token}` }, body });
      const data = await answer.json().catch(() => ({}));
      if (answer.status === 401 && again) {
        await this.connection.fresh(true);
        return this.post(file, name, false);
      }
      if (!answer.ok) throw Object.assign(new Error(data.message), { code: data.error });
      return data;
    }

    showTray() {
      const { tray } = this.ui;
      tray.hidden = !this.files.length;
      tray.replaceChildren(...this.files.map((file) =>
        el("li", {}, file.preview ? el("img", { src: file.preview, alt: "" }) : null, file.id ? null : el("span", { class: "spin" }), el("bdi", { text: file.name }),
          el("button", { type: "button", "aria-label": this.say("remove", { name: file.name }), onclick: () => {
            this.files = this.files.filter((each) => each !== file);
            if (file.preview) URL.revokeObjectURL(file.preview);
            this.showTray();
            this.ui.input.focus();
          } }, icon("close")))));
      this.canSend();
    }

    pasted(event) {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      this.attach(files);
    }

    dragged(event) {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      const inside = event.type !== "dragleave" || this.ui.panel.contains(event.relatedTarget);
      this.ui.dropping.hidden = !inside;
    }

    dropped(event) {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      this.ui.dropping.hidden = true;
      this.attach(event.dataTransfer.files);
    }
  }

  if (!customElements.get("csbot-chat")) customElements.define("csbot-chat", CsbotChat);

  // The one line: <script src="…/widget.js" data-inbox="shop" async></script>
  if (here?.dataset.inbox) {
    const place = () => {
      const chat = document.createElement("csbot-chat");
      chat.setAttribute("server", here.dataset.server || new URL(here.src).origin);
      for (const name of ["inbox", "lang", "dir", "vouch", "theme", "side", "open"]) {
        if (here.dataset[name] !== undefined) chat.setAttribute(name, here.dataset[name]);
      }
      document.body.append(chat);
    };
    if (document.body) place();
    else addEventListener("DOMContentLoaded", place, { once: true });
  }
})();
