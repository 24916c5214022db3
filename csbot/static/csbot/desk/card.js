// The panel on the right: who the customer is, and what the bot knows and tried.

import { dayOf, el, languageName, mood, nameOf, say, timeOf } from "./dom.js";

const fact = (term, ...value) => el("div", {}, el("dt", {}, term), el("dd", {}, ...value));

const facts = (...pairs) => el("dl", { class: "facts" }, ...pairs.filter(Boolean));

const section = (title, ...content) => el("section", {}, el("h3", {}, title), ...content);

/** The nodes of the panel for one card. `act.open(id)` opens an earlier conversation. */
export function showCard(panel, card, act) {
  if (!card) return panel.replaceChildren();
  panel.replaceChildren(customer(card), summary(card), earlier(card, act));
}

/** A trace's sentence: *titles* stand out. */
const emphasised = (text) => text.split(/\*([^*]+)\*/).map((part, index) => (index % 2 ? el("em", {}, part) : part));

function assurance(card) {
  const level = card.customer.assurance;
  if (level === "verified") return el("span", { class: "tag good" }, say("verified"));
  return el("span", { class: "tag" }, say(level === "claimed" ? "claimed" : "not_verified"));
}

function customer(card) {
  const who = card.customer;
  const name = nameOf({ name: who.name, number: who.id });
  return el(
    "section",
    { class: "who" },
    el("div", { class: "face", "aria-hidden": "true" }, [...(who.name || "?")][0].toLocaleUpperCase()),
    el("div", {}, el("h2", {}, name), el("p", { class: "tags" }, assurance(card), mood(card.sentiment))),
    facts(
      who.subject && fact(say("signed_in_as"), who.subject),
      ...who.addresses.map((address) =>
        fact(address.kind, address.value, " ", address.verified ? el("span", { class: "tag good" }, say("verified")) : null),
      ),
      card.ticket && fact(say("reply_by_mail"), card.ticket.email),
      fact(say("language"), languageName(card.language)),
      card.topic && fact(say("topic"), card.topic),
      fact(say("inbox"), card.inbox),
      who.notes && fact(say("notes"), el("span", { class: "pre" }, who.notes)),
    ),
  );
}

function summary(card) {
  const known = card.summary;
  const nothing = !known.intent && !known.slots.length && !known.tried.length && !known.reason;
  return section(
    say("summary"),
    nothing ? el("p", { class: "small" }, say("nothing_known")) : null,
    facts(
      known.reason && fact(say("reason"), known.reason, known.detail && known.detail !== known.reason ? ` · ${known.detail}` : ""),
      known.intent && fact(say("wants"), known.intent.title),
      known.flow && fact(say("flow"), known.flow.replaceAll("_", " ")),
      ...known.slots.map((slot) => fact(slot.name.replaceAll("_", " "), slot.value)),
    ),
    known.tried.length
      ? el("div", {}, el("h4", {}, say("tried")), el("ol", { class: "tried" }, ...known.tried.map((step) => el("li", {}, el("span", {}, ...emphasised(step.what))))))
      : null,
    known.lines.length
      ? el(
          "div",
          {},
          el("h4", {}, say("last_lines")),
          el(
            "ul",
            { class: "lines", lang: card.language },
            ...known.lines.map((line) => el("li", { class: line.sender }, el("b", {}, line.who), " ", line.text)),
          ),
        )
      : null,
  );
}

function earlier(card, act) {
  const rows = card.customer.earlier;
  return section(
    say("earlier"),
    rows.length
      ? el(
          "ul",
          { class: "earlier" },
          ...rows.map((row) => {
            const lines = [
              el("span", { class: "line" }, el("time", { datetime: row.at }, `${dayOf(row.at)} ${timeOf(row.at)}`), el("span", { class: "small" }, row.outcome)),
              row.asked ? el("span", { class: "last" }, row.asked) : null,
              row.rating ? el("span", { class: "small" }, say("rated", { n: row.rating })) : null,
            ];
            return el(
              "li",
              {},
              row.conversation
                ? el("button", { type: "button", class: "row", onclick: () => act.open(row.conversation) }, ...lines)
                : el("div", { class: "row" }, ...lines),
            );
          }),
        )
      : el("p", { class: "small" }, say("no_earlier")),
  );
}
