/* Says when the server refuses or cannot be reached: a callback never fails in silence. */
"use strict";
(function () {
  const plain = window.fetch;
  const notice = (text, link) => {
    let box = document.getElementById("connection-notice");
    if (!text) { if (box) box.hidden = true; return; }
    if (!box) {
      box = document.createElement("div");
      box.id = "connection-notice";
      box.className = "notice notice-warn connection-notice";
      box.setAttribute("role", "alert");
      document.body.append(box);
    }
    box.textContent = text;
    if (link) {
      const there = document.createElement("a");
      Object.assign(there, { href: "/sign-in", target: "_blank", rel: "noopener", textContent: link });
      box.append(" ", there);
    }
    box.hidden = false;
  };
  /* What a person types stays on the page that holds it until the page is another one. */
  let typed = false;
  document.addEventListener("input", (event) => { if (event.target.closest && event.target.closest("#frame-page")) typed = true; }, true);
  const withWhose = (options) => {
    const who = window.dosegateSending ? window.dosegateSending.shownTo() : "";
    if (!who) return options;
    const headers = new Headers((options || {}).headers);
    headers.set("X-Shown-To", who);
    return { ...options, headers };
  };
  /* The address is that of the page asked for, but the one before is still shown: it must not stay for good. */
  const RETRY_MS = 2000;
  const asksForPage = (options) => Boolean(options) && typeof options.body === "string" && options.body.startsWith('{"output":"..frame-page.children');
  let waiting = false;
  const loadWhenAnswered = () => { if (!waiting) { waiting = true; tryToLoad(); } };
  const tryToLoad = async () => {
    notice(dosegateT("The server cannot be reached. You see the page before the one you chose; yours is loaded as soon as the server answers."));
    try { if ((await plain.call(window, location.href, { method: "HEAD" })).status < 500) return location.reload(); } catch { /* not yet */ }
    setTimeout(tryToLoad, RETRY_MS);
  };
  window.fetch = async function (target, options) {
    const url = typeof target === "string" ? target : target.url;
    const ours = url.includes("_dash-");
    let answer;
    try { answer = await plain.call(this, target, ours ? withWhose(options) : options); }
    catch (error) {
      if (ours && asksForPage(options)) loadWhenAnswered();
      else if (ours && !waiting) notice(dosegateT("The server cannot be reached. What you see may be old; it is asked again by itself."));
      throw error;
    }
    if (!ours) return answer;
    if (answer.status === 401 && typed && !asksForPage(options)) {
      notice(dosegateT("Your session has ended: the last step was not done. What you typed is still here: sign in in another window, then do it again."), dosegateT("Sign in"));
      return new Response("", { status: 412 }); // Dash reads the body of a 401 twice
    }
    if (answer.status === 401) {
      location.assign("/sign-in?ended=1&next=" + encodeURIComponent(location.pathname));
      return new Promise(() => {}); // the page is being left; nobody should read this answer
    }
    if (waiting) return answer;
    if (answer.status === 412 && asksForPage(options)) { location.reload(); return new Promise(() => {}); }
    if (asksForPage(options) && answer.ok) typed = false;
    if (answer.status >= 500 && asksForPage(options)) loadWhenAnswered();
    else if (answer.status === 412) notice(dosegateT("Another person has signed in in this browser. Nothing was changed; load this page anew."));
    else if (answer.status === 403) notice(dosegateT("The server refused this request. Reload the page; if it happens again, sign in anew."));
    else if (answer.status >= 500) notice(dosegateT("The server could not answer. Nothing was changed; reload the page and try again."));
    else notice("");
    return answer;
  };
})();
