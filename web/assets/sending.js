/* One request to the server: its answer, or one of three errors that say what to do. */
"use strict";
(function () {
  const STILL_MS = 120000;
  const BROKEN = [0, 502, 503, 504]; // nobody answered; any other answer is the server's word

  const cookie = (name) =>
    document.cookie.split("; ").map((c) => c.split("=")).filter((c) => c[0] === name).map((c) => c[1])[0] || "";

  /* Whose page this is: another person may have signed in meanwhile, in another window. Empty before it is drawn. */
  const shownTo = () => {
    const frame = document.getElementById("frame-words");
    return frame ? encodeURIComponent(frame.dataset.shownTo || "") : "";
  };

  class Refused extends Error { constructor(status, body) { super(body.message || "refused"); this.status = status; this.body = body; } }
  class Broken extends Error {}
  class SignedOut extends Error {}

  function send(method, url, body, onProgress, watch) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      request.setRequestHeader("X-CSRFToken", cookie("__Host-_csrf_token") || cookie("_csrf_token")); // the first where people come by https
      request.setRequestHeader("Accept", "application/json");
      if (shownTo()) request.setRequestHeader("X-Shown-To", shownTo());
      if (body instanceof Blob) request.setRequestHeader("Content-Type", "application/octet-stream");
      else if (body !== null) { body = JSON.stringify(body); request.setRequestHeader("Content-Type", "application/json"); }
      if (onProgress) request.upload.addEventListener("progress", (e) => onProgress(e.loaded));
      if (watch) watch(request);
      // A slow line is no broken line: only a request that stands still is given up.
      let still;
      const moved = () => { clearTimeout(still); still = setTimeout(() => request.abort(), STILL_MS); };
      request.upload.addEventListener("progress", moved);
      request.onloadend = () => clearTimeout(still);
      moved();
      request.onerror = request.onabort = () => reject(new Broken());
      request.onload = () => {
        let answer = {};
        try { answer = JSON.parse(request.responseText || "{}"); } catch { answer = {}; }
        if (request.status >= 200 && request.status < 300) resolve(answer);
        else if (request.status === 401) reject(new SignedOut());
        else if (BROKEN.includes(request.status)) reject(new Broken());
        else reject(new Refused(request.status, answer));
      };
      request.send(body);
    });
  }

  window.dosegateSending = { send, shownTo, Broken, Refused, SignedOut };
})();
