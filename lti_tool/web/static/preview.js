// Only in an author's preview: shows the page anew when the package changed.
"use strict";
{
  const { version, ask } = document.currentScript.dataset;
  setInterval(async () => {
    const answer = await fetch(ask).catch(() => null);
    // Without its anchor, so that the page is loaded again; a form that was sent is not sent twice.
    if (answer?.ok && (await answer.text()) !== version) location.replace(location.pathname + location.search);
  }, 400);
}
