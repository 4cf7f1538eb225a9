// The application says that it is done: back to the course (LTI Dynamic Registration 1.0).
const frame = document.querySelector("[data-closes-to]");
window.addEventListener("message", (event) => {
  if (event.source === frame.contentWindow && event.data && event.data.subject === "org.imsglobal.lti.close") {
    location.assign(frame.dataset.closesTo);
  }
});
