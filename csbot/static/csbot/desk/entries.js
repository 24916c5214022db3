// One entry of a conversation as an element. An entry that shows nothing gives null.

import { dayOf, el, icon, page, prose, say, timeOf } from "./dom.js";

const FILE = "M6 2.5h6l4 4v11H6zM12 2.5v4h4";
const NOWHERE = "00000000-0000-0000-0000-000000000000";

export function entryElement(entry, context) {
  switch (entry.kind) {
    case "message":
    case "transcript":
      return message(entry, context);
    case "note":
      return el(
        "li",
        { class: "note", "data-seq": entry.seq },
        el("p", { class: "by" }, `${say("staff_only")} · ${entry.name} · ${timeOf(entry.at)}`),
        el("p", { class: "text" }, ...prose(entry.text)),
      );
    case "status":
      return line(entry, status(entry.data));
    case "rating":
      return line(entry, say("rated", { n: entry.data.rating }) + (entry.text ? ` · “${entry.text}”` : ""));
    default:
      return null; // happenings, read marks, what was heard: facts for machines
  }
}

export const dayLine = (iso) => el("li", { class: "day" }, dayOf(iso));

const line = (entry, text) => text && el("li", { class: "status", "data-seq": entry.seq }, text, el("time", { datetime: entry.at }, timeOf(entry.at)));

function status(data) {
  const names = data.queue ?? {};
  const language = page.language.split("-")[0];
  const queue = names[language] ?? Object.values(names)[0] ?? "";
  const key = `s_${data.status}`;
  const words = say(key, { queue, name: data.agent ?? "", email: data.email ?? "" });
  return words === key ? null : words;
}

function message(entry, context) {
  const text = entry.text || choiceOf(entry, context);
  const by = { customer: context.customer, bot: entry.name || say("bot"), agent: entry.name }[entry.sender] ?? "";
  return el(
    "li",
    { class: `message ${entry.sender}`, "data-seq": entry.seq },
    el("p", { class: "by" }, `${by} · ${timeOf(entry.at)}`),
    text && el("p", { class: "text", lang: entry.data.language || context.language, dir: "auto" }, ...(entry.sender === "customer" ? [text] : prose(text))),
    ...(entry.data.attachments ?? []).map(attachment),
    entry.data.buttons?.length
      ? el("ul", { class: "buttons" }, ...entry.data.buttons.map((button) => el("li", { class: "tag" }, button.title)))
      : null,
    entry.data.sources?.length
      ? el("p", { class: "sources" }, `${say("sources")}: ${entry.data.sources.map((source) => `${source.title} (${source.score.toFixed(2)})`).join(", ")}`)
      : null,
  );
}

function choiceOf(entry, context) {
  const value = entry.data.choice;
  if (!value) return "";
  return say("choice", { name: context.titles.get(value) ?? value });
}

function attachment(file) {
  const address = page.file.replace(NOWHERE, file.id);
  const size = file.size < 1024 * 1024 ? `${Math.ceil(file.size / 1024)} kB` : `${(file.size / 1024 / 1024).toFixed(1)} MB`;
  const picture = file.content_type.startsWith("image/");
  return el(
    "a",
    { class: picture ? "file picture" : "file", href: address, target: "_blank", rel: "noopener" },
    picture ? el("img", { src: address, alt: file.name, loading: "lazy" }) : icon(FILE),
    el("span", {}, file.name, el("small", {}, ` ${size}`)),
  );
}

