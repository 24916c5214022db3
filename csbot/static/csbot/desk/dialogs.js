// The one dialog: a question with a few answers, and the reasons the server gives for a no.

import { byId, el, say, toast } from "./dom.js";

/** Asks with `body` (an element) and one button per action {label, value, primary}; the chosen value, or null. */
export function ask({ title, about, body, actions }) {
  const dialog = byId("dialog");
  const form = dialog.querySelector("form");
  form.querySelector("h2").textContent = title;
  form.querySelector("p").textContent = about;
  form.querySelector(".body").replaceChildren(...(body ? [body] : []));
  form.querySelector(".actions").replaceChildren(
    el("button", { class: "button quiet", value: "", formnovalidate: true }, say("cancel")),
    ...actions.map((action) => el("button", { class: action.primary ? "button primary" : "button", value: action.value }, action.label)),
  );
  dialog.returnValue = "";
  dialog.showModal();
  (form.querySelector(".body .field") ?? form.querySelector(".actions .primary") ?? form.querySelector(".actions button")).focus();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue || null), { once: true }));
}

/** Why something was refused, in words. */
export function why(refusal) {
  const key = `refused_${refusal.code}`;
  const words = say(key);
  return words === key ? say("refused_other", { why: refusal.message || refusal.code }) : words;
}

/** Tells of a refusal that has no better place. */
export function complain(refusal) {
  toast(refusal.code === "lost" ? say("reconnecting") : why(refusal));
}
