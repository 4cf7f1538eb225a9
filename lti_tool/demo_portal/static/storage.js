// Keeps values for the tool in the frame, whose browser may keep no cookies, for as long as this page is open.
// LTI Client Side postMessages and platform storage: https://www.imsglobal.org/spec/lti-pm-s/v0p1
"use strict";

const TOOL = document.currentScript.dataset.toolOrigin;
const MOST_KEYS = 50;
const LONGEST = 4096;
const kept = new Map(); // origin → key → value: no tool sees what another one keeps

class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

function text(value, name) {
  if (typeof value !== "string" || value === "") throw new Refused("bad_request", `${name} must be a text`);
  if (value.length > LONGEST) throw new Refused("storage_exhaustion", `${name} is longer than ${LONGEST} characters`);
  return value;
}

const SUBJECTS = {
  "lti.capabilities": () => ({
    supported_messages: Object.keys(SUBJECTS).map((subject) => ({ subject, frame: "_parent" })),
  }),
  "lti.put_data": ({ key, value }, values) => {
    text(key, "key");
    if (value === undefined || value === null) {
      values.delete(key);
      return { key };
    }
    text(value, "value");
    if (!values.has(key) && values.size >= MOST_KEYS) throw new Refused("storage_exhaustion", "too many keys");
    values.set(key, value);
    return { key, value };
  },
  "lti.get_data": ({ key }, values) => ({ key: text(key, "key"), value: values.get(key) }),
};

function answer(asked, origin) {
  if (origin !== TOOL) throw new Refused("wrong_origin", "this portal keeps values for its own tool only");
  if (!Object.hasOwn(SUBJECTS, asked.subject)) throw new Refused("unsupported_subject", "not a message of platform storage");
  if (!kept.has(origin)) kept.set(origin, new Map());
  return SUBJECTS[asked.subject](asked, kept.get(origin));
}

window.addEventListener("message", ({ data: asked, origin, source }) => {
  // What does not say who asks, and for what, cannot be answered.
  if (typeof asked?.subject !== "string" || typeof asked.message_id !== "string") return;
  // An answer is no question: two pages must not go on answering each other.
  if (asked.subject.endsWith(".response") || !source || origin === "null") return;
  const said = { subject: `${asked.subject.slice(0, 100)}.response`, message_id: asked.message_id };
  try {
    Object.assign(said, answer(asked, origin));
  } catch (refused) {
    said.error = { code: refused.code ?? "bad_request", message: refused.message };
  }
  source.postMessage(said, origin);
});
