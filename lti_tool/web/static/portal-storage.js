// For browsers that keep no cookie of ours: the learning portal keeps a value, or gives it back.
// LTI Client Side postMessages and platform storage: https://www.imsglobal.org/spec/lti-pm-s/v0p1
// The only script of the tool. Whatever goes wrong, the page shows what to do instead.
"use strict";

const PATIENCE_MS = 1500;
const waiting = document.documentElement.classList;

// The frame that keeps values for us: the page around this one, or a frame in it; what opened us in a window.
function portalFrame(name) {
  const outer = window.parent === window ? window.opener : window.parent;
  if (name === "_parent") return outer;
  try {
    return typeof outer.frames[name].postMessage === "function" ? outer.frames[name] : outer;
  } catch {
    return outer;
  }
}

// Ask the portal, and nobody else: the message goes to its origin only, and only its answer to this question counts.
function ask(subject, { target, origin, key, value }) {
  return new Promise((answered, failed) => {
    const portal = new URL(origin).origin;
    const message_id = crypto.randomUUID();
    window.addEventListener("message", ({ origin: from, data: said }) => {
      if (from !== portal || said?.message_id !== message_id || said.subject !== `${subject}.response`) return;
      if (said.error) failed(said.error);
      else answered(said.value);
    });
    setTimeout(failed, PATIENCE_MS);
    portalFrame(target).postMessage({ subject, message_id, key, value }, portal);
  });
}

async function goOn(storage) {
  const { next } = storage.dataset;
  if (next) {
    await ask("lti.put_data", storage.dataset);
    window.location.replace(next);
    return;
  }
  const proof = await ask("lti.get_data", storage.dataset);
  if (typeof proof !== "string" || proof === "") throw new TypeError("the portal keeps no such value");
  storage.elements.proof.value = proof;
  storage.submit();
}

// Nothing came of it: the rest of the page says what to do, to the ear as well.
function showTheRest(title) {
  waiting.remove("dv-waiting");
  document.title = title;
  document.getElementById("title").focus();
}

waiting.add("dv-waiting");
document.addEventListener("DOMContentLoaded", () => {
  const { title } = document;
  document.title = document.querySelector(".dv-while-waiting").textContent;
  goOn(document.getElementById("storage")).catch(() => showTheRest(title));
});
