/* Uploads a folder, a ZIP or files in chunks, goes on where the server says it stopped, has them looked into. */
"use strict";
(function () {
  const { send, Broken, Refused, SignedOut } = window.dosegateSending;
  const { parcels, request } = window.dosegateParcels;
  const CHUNK_BYTES = 8 * 1024 * 1024;
  const LANES = 6; // as many as a browser opens to one host; small files wait for the disk, not for the line
  const RETRY_MS = [1000, 2000, 4000, 8000, 15000, 30000];
  const MAX_FILES = 20000;
  const BATCH = 200;
  const PAINT_MS = 100;

  const bytes = (n) => {
    if (n < 1024) return n + " B";
    const units = ["kB", "MB", "GB"];
    let value = n, unit = "B";
    for (const next of units) { if (value < 1000) break; value /= 1000; unit = next; }
    return value.toFixed(value < 10 ? 1 : 0) + " " + unit;
  };

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value === true) element.setAttribute(key, "");
      else if (value !== false && value != null) element.setAttribute(key, value);
    }
    for (const child of children) element.append(child); // strings become text nodes: names are text
    return element;
  };

  async function filesOfDrop(items) {
    const found = [];
    const walk = async (entry, folder) => {
      if (entry.isFile) {
        const file = await new Promise((ok, no) => entry.file(ok, no));
        found.push({ path: folder + file.name, file });
      } else {
        const reader = entry.createReader();
        for (;;) {
          const batch = await new Promise((ok, no) => reader.readEntries(ok, no));
          if (!batch.length) break;
          for (const child of batch) await walk(child, folder + entry.name + "/");
        }
      }
    };
    for (const entry of Array.from(items).map((i) => i.webkitGetAsEntry && i.webkitGetAsEntry()).filter(Boolean)) await walk(entry, "");
    return found;
  }

  class Board {
    constructor(root) {
      this.root = root;
      this.subject = root.dataset.subject;
      this.isOfRecords = root.dataset.kind === "records";
      this.open = null;
      this.state = "idle"; // idle, sending, paused, waiting, done
      this.turn = 0; // of `run`: an older one that wakes up late must not go on
      this.painted = 0;
      this.requests = new Set();
      this.build();
      this.askForUnfinished();
    }

    build() {
      const choose = (id, label, attributes) => {
        const input = make("input", { type: "file", id, class: "upload-input", ...attributes, onchange: (e) => this.pick(this.fromInput(e.target)), ...(attributes.webkitdirectory ? { oncancel: () => this.nothingChosen() } : {}) });
        return make("span", { class: "upload-choice" }, input, make("label", { for: id, class: "button button-quiet" }, label));
      };
      this.zone = make("div", { class: "upload-zone" },
        make("p", { class: "upload-lead" }, this.isOfRecords ? dosegateT("Drop the treatment records here") : dosegateT("Drop the folder or the ZIP of the course here")),
        make("p", { class: "muted" }, this.isOfRecords ? dosegateT("RT Beams Treatment Records alone, without any plan.") : dosegateT("CT, structure set, plans, doses and treatment records, in any order. Up to 20,000 files.")),
        make("div", { class: "upload-choices" },
          choose("upload-folder", dosegateT("Choose a folder"), { webkitdirectory: true, multiple: true }),
          choose("upload-zip", dosegateT("Choose a ZIP"), { accept: ".zip,application/zip" }),
          choose("upload-files", dosegateT("Choose files"), { multiple: true })));
      for (const type of ["dragenter", "dragover"]) this.zone.addEventListener(type, (e) => { e.preventDefault(); this.zone.classList.add("is-over"); });
      for (const type of ["dragleave", "drop"]) this.zone.addEventListener(type, () => this.zone.classList.remove("is-over"));
      this.zone.addEventListener("drop", (e) => { e.preventDefault(); filesOfDrop(e.dataTransfer.items).then((files) => this.pick(files), () => this.say(dosegateT("Nothing to upload"), dosegateT("The browser could not read what was dropped. Use the buttons instead."))); });
      this.resumeNote = make("div", { class: "notice notice-info", hidden: true });
      this.bar = make("div", { class: "upload-fill" });
      this.meter = make("div", { class: "upload-meter", role: "progressbar", "aria-label": dosegateT("Upload progress"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0 }, this.bar);
      this.line = make("p", { class: "upload-line", "aria-live": "polite", id: "upload-line" });
      this.detail = make("p", { class: "muted", id: "upload-detail" });
      this.pauseButton = make("button", { type: "button", class: "button button-quiet", id: "upload-pause", onclick: () => this.togglePause() }, dosegateT("Pause"));
      this.cancelButton = make("button", { type: "button", class: "button button-quiet", id: "upload-cancel", onclick: () => this.cancel() }, dosegateT("Cancel"));
      this.progress = make("section", { class: "upload-progress", hidden: true, "aria-label": dosegateT("Upload") }, this.line, this.meter, this.detail,
        make("div", { class: "upload-actions" }, this.pauseButton, this.cancelButton));
      this.refusals = make("div", { id: "upload-refusals", role: "alert" });
      this.root.replaceChildren(this.resumeNote, this.zone, this.progress, this.refusals);
    }

    fromInput(input) {
      const files = Array.from(input.files).map((file) => ({ path: file.webkitRelativePath || file.name, file }));
      input.value = ""; // else the same choice, made again after a cancel, would not be noticed
      return files;
    }

    nothingChosen() {
      if (this.state !== "idle") return;
      this.refusals.replaceChildren();
      this.say(dosegateT("Nothing to upload"), dosegateT("No folder was chosen, or it is empty."));
    }

    async askForUnfinished() {
      let answer;
      try { answer = await send("GET", "/uploads?subject=" + encodeURIComponent(this.subject), null); } catch { return; }
      this.open = (answer.uploads || []).find((u) => u.files.length && u.records_only === this.isOfRecords) || null;
      if (!this.open || this.state !== "idle") return;
      const here = this.open.files.reduce((sum, f) => sum + f.received, 0);
      const whole = this.open.files.every((f) => f.complete);
      this.resumeNote.replaceChildren(
        make("strong", {}, whole ? dosegateT("Files that arrived wait for you to submit them. ") : dosegateT("An upload was not finished. ")),
        this.open.files.length === 1 ? dosegateT("{size} in one file arrived. ", { size: bytes(here) })
          : dosegateT("{size} in {n} files arrived. ", { size: bytes(here), n: this.open.files.length }),
        whole ? make("a", { href: "/submissions/" + this.open.submission, id: "upload-open" }, dosegateT("Look at them and submit")) : dosegateT("Choose the same folder, ZIP or files again: it goes on where it stopped. "),
        " ",
        make("button", { type: "button", class: "button button-quiet button-small", id: "upload-discard", onclick: () => this.discard() }, dosegateT("Discard it")));
      this.resumeNote.hidden = false;
    }

    async discard() {
      if (!this.open || !confirm(dosegateT("Discard these files? They are removed; nothing was submitted."))) return;
      this.resumeNote.hidden = true; // until the set is shown as it is now, if it stays
      try { await send("DELETE", `/uploads/${this.open.submission}?seen=${this.open.set}`, null); } catch (error) { return this.refuse(error); }
      this.open = null;
    }

    /* The unfinished submission, if everything it holds is among the chosen files. */
    resumable(files) {
      if (!this.open) return null;
      const sizes = new Map(files.map((f) => [f.path, f.file.size]));
      const strange = this.open.files.filter((f) => sizes.get(f.name) !== f.size);
      if (!strange.length) return this.open.submission;
      this.say(dosegateT("These are not the files of the unfinished upload"),
        dosegateT("It also holds {names}. Choose the same files again, or discard the unfinished upload first.", { names: strange.slice(0, 3).map((f) => f.name).join(", ") + (strange.length > 3 ? ", ..." : "") }));
      return undefined;
    }

    async pick(files) {
      if (this.state !== "idle") return;
      this.refusals.replaceChildren();
      if (!files.length) return this.say(dosegateT("Nothing to upload"), dosegateT("No file was chosen, or the folder is empty."));
      if (files.every((f) => f.file.size === 0)) return this.say(dosegateT("Nothing to upload"), dosegateT("Every chosen file is empty (0 bytes). Export the course again and choose that folder."));
      if (files.length > MAX_FILES) return this.say(dosegateT("Too many files"), dosegateT("{n} files were chosen; {most} is the most. Choose the folder of this one course.", { n: files.length, most: MAX_FILES }));
      let submission = this.resumable(files);
      if (submission === undefined) return;
      this.state = "beginning";
      try { submission = submission || (await send("POST", "/uploads", { subject: this.subject, records_only: this.isOfRecords })).submission; }
      catch (error) { return this.refuse(error); }
      this.resumeNote.hidden = true;
      this.session = { submission, files: files.map((f) => ({ name: f.path, size: f.file.size, file: f.file, received: 0, upload: null, refused: null })) };
      this.start();
    }

    /* A set with a refused file is not sent without it: a missing file could change what the check says. */
    async giveBack() {
      const refused = this.session.files.filter((f) => f.refused);
      this.reset();
      this.say(dosegateT("Nothing was sent"), dosegateT("{n} of {of} files cannot be used. Correct them and choose the set again.", { n: refused.length, of: this.session.files.length }));
      for (const file of refused.slice(0, 20)) this.say(file.name, file.refused);
      await send("DELETE", "/uploads/" + this.session.submission, null).catch(() => {}); // else it expires by itself
    }

    /* Announces files in batches; the answer says what has arrived of each, or why it is refused. */
    async announce(turn) {
      const unknown = this.session.files.filter((f) => !f.upload && !f.refused);
      for (let i = 0; i < unknown.length && this.goes(turn); i += BATCH) {
        const batch = unknown.slice(i, i + BATCH);
        const answer = await send("POST", `/uploads/${this.session.submission}/files`, { files: batch.map((f) => ({ name: f.name, size: f.size, modified: String(f.file.lastModified) })) });
        answer.files.forEach((state, k) => {
          if (state.refused) batch[k].refused = state.refused;
          else { batch[k].upload = state.upload; batch[k].received = state.received; }
        });
        this.before = this.received();
        this.paint();
      }
    }

    start() {
      this.zone.hidden = true;
      this.progress.hidden = false;
      this.state = "sending";
      this.retries = 0;
      this.begun = performance.now();
      this.before = this.received();
      this.inFlight = new Map();
      this.run();
    }

    received() { return this.session.files.reduce((sum, f) => sum + f.received, 0); }

    goes(turn) { return turn === this.turn && this.state === "sending"; }

    async run() {
      const turn = ++this.turn;
      this.paint(dosegateT("Preparing ..."));
      try {
        await this.announce(turn);
        if (!this.goes(turn)) return;
        if (this.session.files.some((f) => f.refused)) return this.giveBack();
        this.paint(dosegateT("Uploading ..."));
        const queue = parcels(this.session.files.filter((f) => f.upload && f.received < f.size));
        await Promise.all(Array.from({ length: Math.min(LANES, queue.length) }, () => this.lane(queue, turn)));
        if (!this.goes(turn)) return;
        this.state = "done";
        this.pauseButton.disabled = this.cancelButton.disabled = true;
        this.paint(dosegateT("All files are here; they are handed to a worker ..."));
        const answer = await send("POST", "/uploads/" + this.session.submission + "/finish", {});
        location.assign(answer.url);
      } catch (error) {
        if (turn !== this.turn || !["sending", "done"].includes(this.state)) return;
        this.state = "waiting";
        this.stop();
        if (error instanceof SignedOut) this.signIn();
        else if (error instanceof Broken || error.status === 423) this.comeBack();
        else if (!(await this.doneElsewhere(error))) this.refuse(error);
      }
    }

    stop() {
      for (const request of this.requests) request.abort();
      this.inFlight.clear();
    }

    signIn() {
      this.state = "signed-out";
      this.paint(dosegateT("Your session has ended. Sign in again: what was received stays, and goes on from there."));
      location.assign("/sign-in?ended=1&next=" + encodeURIComponent(location.pathname));
    }

    /* Another window may have finished this very upload: then its page is where to be. */
    async doneElsewhere(error) {
      if (error.status !== 404 && error.status !== 409) return false;
      const url = "/uploads/" + this.session.submission;
      const now = await send("GET", url, null).catch(() => ({ state: "" }));
      if (["", "receiving", "abandoned"].includes(now.state)) return false;
      this.state = "done";
      location.assign("/submissions/" + this.session.submission);
      return true;
    }

    async lane(queue, turn) {
      while (queue.length && this.goes(turn)) {
        const parcel = queue.shift();
        if (parcel.length > 1) await this.sendParcel(parcel, turn);
        for (const entry of parcel) await this.sendFile(entry, turn); // what is complete is passed over
      }
    }

    async sendParcel(parcel, turn) {
      const { url, body } = request(this.session.submission, parcel);
      const answer = await this.watched(parcel, (progress, watch) => send("POST", url, body, progress, watch), parcel, turn);
      answer.files.forEach((state, k) => { parcel[k].received = state.received; });
      this.paint();
    }

    /* One request with its progress; one that breaks because a file cannot be read any more says which. */
    async watched(key, begin, entries, turn) {
      let mine;
      try {
        const answer = await begin((n) => { this.inFlight.set(key, n); this.paint(); }, (r) => { mine = r; this.requests.add(r); });
        this.retries = 0;
        return answer;
      } catch (error) {
        if (error instanceof Broken && this.goes(turn)) {
          for (const entry of entries) if (!(await this.readable(entry))) throw new Refused(0, { message: dosegateT("{name} can no longer be read: it was changed, moved or removed. Choose the files again.", { name: entry.name }) });
        }
        throw error;
      } finally { this.requests.delete(mine); this.inFlight.delete(key); }
    }

    async sendFile(entry, turn) {
      while (entry.received < entry.size && this.goes(turn)) {
        const chunk = entry.file.slice(entry.received, entry.received + CHUNK_BYTES);
        const url = `/uploads/${this.session.submission}/files/${entry.upload}?offset=${entry.received}`;
        try {
          entry.received = (await this.watched(entry, (progress, watch) => send("PUT", url, chunk, progress, watch), [entry], turn)).received;
        } catch (error) {
          if (!(error instanceof Refused && error.status === 409 && Number.isInteger(error.body.received))) throw error;
          entry.received = error.body.received;
        }
        this.paint();
      }
    }

    async readable(entry) {
      try { await entry.file.slice(0, 1).arrayBuffer(); return true; } catch { return false; }
    }

    comeBack() {
      const wait = RETRY_MS[Math.min(this.retries++, RETRY_MS.length - 1)];
      this.state = "waiting";
      this.paint(dosegateT("The connection broke. Trying again in {n} s; nothing received is lost.", { n: wait / 1000 }));
      this.timer = setTimeout(() => this.goOn(), wait);
    }

    async goOn() {
      clearTimeout(this.timer);
      this.state = "sending";
      this.turn += 1;
      try {
        const fresh = await send("GET", "/uploads/" + this.session.submission, null);
        const received = new Map(fresh.files.map((f) => [f.upload, f.received]));
        for (const entry of this.session.files) if (entry.upload) entry.received = received.get(entry.upload) || 0;
        this.begun = performance.now();
        this.before = this.received();
      } catch (error) {
        if (this.state !== "sending") return;
        if (error instanceof SignedOut) return this.signIn();
        return error instanceof Broken ? this.comeBack() : this.refuse(error);
      }
      if (this.state === "sending") this.run();
    }

    togglePause() {
      if (this.state === "paused") { this.pauseButton.textContent = dosegateT("Pause"); this.goOn(); return; }
      if (this.state !== "sending" && this.state !== "waiting") return;
      clearTimeout(this.timer);
      this.state = "paused";
      this.stop();
      this.pauseButton.textContent = dosegateT("Resume");
      this.paint(dosegateT("Paused. What was received stays; resume when you like."));
    }

    async cancel() {
      clearTimeout(this.timer);
      this.state = "cancelled";
      this.stop();
      try { await send("DELETE", "/uploads/" + this.session.submission, null); } catch (error) { return this.refuse(error); }
      this.reset();
      this.say(dosegateT("Upload cancelled"), dosegateT("What had been received was removed."));
    }

    reset() {
      this.state = "idle";
      this.zone.hidden = false;
      this.progress.hidden = true;
      this.pauseButton.textContent = dosegateT("Pause");
      this.pauseButton.disabled = this.cancelButton.disabled = false;
      this.open = null;
    }

    /* The page was left within the application: nothing is sent behind the person's back. */
    leave() {
      clearTimeout(this.timer);
      this.state = "left";
      this.stop();
    }

    refuse(error) {
      if (error instanceof SignedOut) return this.signIn();
      this.reset();
      this.askForUnfinished();
      this.say(dosegateT("The upload was refused"), (error.body && error.body.message) || dosegateT("Reload the page and try again."));
    }

    say(title, text) {
      this.refusals.append(make("div", { class: "notice notice-warn" }, make("strong", {}, title), make("div", {}, text)));
    }

    paint(sentence) {
      const now = performance.now();
      if (!sentence && now - this.painted < PAINT_MS) return; // every file is counted: not at every event
      this.painted = now;
      const files = this.session.files;
      const total = files.reduce((sum, f) => sum + f.size, 0);
      const moving = Array.from((this.inFlight || new Map()).values()).reduce((a, b) => a + b, 0);
      const here = Math.min(total, this.received() + moving);
      const percent = total ? (100 * here) / total : 100;
      const seconds = (performance.now() - this.begun) / 1000;
      const rate = seconds > 0.5 ? (here - this.before) / seconds : 0;
      const whole = files.filter((f) => f.received >= f.size).length;
      this.bar.style.width = percent.toFixed(1) + "%";
      this.meter.setAttribute("aria-valuenow", Math.round(percent));
      const line = sentence || this.line.textContent;
      if (this.line.textContent !== line) this.line.textContent = line;
      this.detail.textContent = dosegateT("{here} of {total} · {whole} of {n} files", { here: bytes(here), total: bytes(total), whole, n: files.length }) +
        (this.state === "sending" && rate > 0 ? ` · ${bytes(rate)}/s` : "");
    }
  }

  let board = null;
  const isSending = () => board !== null && ["beginning", "sending"].includes(board.state);
  const mount = () => {
    if (board !== null && !board.root.isConnected) { board.leave(); board = null; }
    const root = document.getElementById("upload-board");
    if (root && board === null) board = new Board(root);
  };
  new MutationObserver(mount).observe(document.documentElement, { childList: true, subtree: true });
  window.addEventListener("beforeunload", (event) => { if (isSending()) event.preventDefault(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted && board !== null) location.reload(); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href]:not([href^='#'])");
    if (!link || !isSending() || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (confirm(dosegateT("The upload is still running. Leave this page? What was received stays; choose the files again to go on."))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  // A file dropped beside the zone would replace the page, and the upload with it.
  for (const type of ["dragover", "drop"]) document.addEventListener(type, (event) => { if (board !== null) event.preventDefault(); });
})();
