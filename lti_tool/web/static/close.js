// Asks the portal to close the frame or window in which the tool was registered (LTI Dynamic Registration 1.0).
"use strict";
{
  const button = document.querySelector("[data-closes-for]");
  const portal = window.opener || window.parent;
  if (button && portal !== window) {
    button.hidden = false;
    button.addEventListener("click", () => {
      portal.postMessage({ subject: "org.imsglobal.lti.close" }, button.dataset.closesFor);
    });
  }
}
