// For browsers that may keep no cookie: the learning portal keeps a value of ours, or gives it back.
// LTI Client Side postMessages and platform storage: https://www.imsglobal.org/spec/lti-pm-s/v0p1
// The only script of the tool. Whatever goes wrong, the page goes on; without the value the server knows what to do.
"use strict";

const PATIENCE_MS = 1500;
const storage = document.getElementById("storage");
const goOn = document.getElementById("go-on");

// The frame that keeps values for us: the page around this one, or a frame in it; what opened us in a window.
function portalFrame(name) {
  const outer = window.parent === window ? window.opener : window.parent;
  if (name === "_parent") return outer;
  try {
    outer.frames[name].postMessage.call;
    return outer.frames[name];
  } catch {
    return outer;
  }
}

// Ask the portal, and nobody else: the message goes to its origin only, and only its answer to this question counts.
function ask({ subject, target, origin, key, value }) {
  return new Promise((answered, failed) => {
    const portal = new URL(origin).origin;
    const question = { subject, message_id: crypto.randomUUID(), key };
    if (subject === "lti.put_data") question.value = value;
    window.addEventListener("message", ({ origin: from, data: said }) => {
      if (from !== portal || said?.message_id !== question.message_id) return;
      if (said.subject !== `${subject}.response`) return;
      if (said.error) failed(said.error);
      else answered(said.value);
    });
    setTimeout(failed, PATIENCE_MS);
    portalFrame(target).postMessage(question, portal);
  });
}

storage.hidden = true;
ask(storage.dataset)
  .catch(() => undefined)
  .then((value) => {
    if (goOn.href) return window.location.replace(goOn.href);
    if (typeof value === "string") goOn.elements.proof.value = value;
    return goOn.submit();
  });
